/* SPDX-License-Identifier: MIT */
/*
 * Classes of C++ objects in blocks. An object of a class with virtual functions begins with the
 * address of its vtable. The word before that address points to the class's type_info, which points
 * to its name, all in the module's memory even if the module is stripped (Itanium C++ ABI). If
 * there is no type_info (-fno-rtti), a symbol may name the vtable.
 */
#pragma once

#include "elf/symbolizer.h"
#include "heap/heap_memory.h"
#include "model/heap.h"
#include "model/space.h"

#define NO_CLASS UINT32_MAX

struct known_word;
struct class_range;

struct classes {
	struct heap_memory memory; /* reads modules, and blocks too */
	const struct space *space;
	struct symbolizer symbols;
	struct class_range *ranges; /* memory of modules; sorted, disjoint */
	size_t n_ranges, cap_ranges;
	struct known_word *words; /* those looked up: a hash table */
	size_t n_words;
	char **names; /* by class number; readable if this build can demangle */
	size_t n_names, cap_names;
	uint32_t file_object; /* the object whose file is open as `file_fd`, or could not be opened */
	int file_fd;
};

/* `space` must have been judged; `wants_debuginfod` as in struct request. */
void classes_init(struct classes *classes, struct source *source, const struct space *space,
		  bool wants_debuginfod);
void classes_done(struct classes *classes);

/*
 * The class of the object that a block begins with, from the first two words of the block's user
 * data; NO_CLASS: not known. *ret_is_array: the object is the first of several, which follow their
 * number, as new[] lays them out. Two class numbers may have the same name.
 */
uint32_t classes_of(struct classes *classes, const struct heap_block *block, const uint64_t words[2],
		    bool *ret_is_array);
