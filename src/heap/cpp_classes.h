/* SPDX-License-Identifier: MIT */
/*
 * Classes of C++ objects in blocks. An object of a class with virtual functions begins with the address of its
 * vtable. The word before that leads to the class's type_info and so to its name, in the module's memory, be it
 * stripped (Itanium C++ ABI); where there is none (-fno-rtti), a symbol may name the vtable.
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
	struct heap_memory memory; /* that blocks are read by, too */
	const struct space *space;
	struct symbolizer symbols;
	struct class_range *ranges; /* memory of modules; sorted, disjoint */
	size_t n_ranges, cap_ranges;
	struct known_word *words; /* that were looked up: a hash table */
	size_t n_words;
	char **names; /* readable where this build can demangle; by the number of a class */
	size_t n_names, cap_names;
	uint32_t file_object; /* whose file is open as `file_fd`, or could not be opened */
	int file_fd;
};

/* Of a space that is judged; `wants_debuginfod` as in struct request. */
void classes_init(struct classes *classes, struct source *source, const struct space *space,
		  bool wants_debuginfod);
void classes_done(struct classes *classes);

/*
 * The class of the object that a block begins with, by the first two words that the program has in it; NO_CLASS:
 * none is known. *ret_is_array: it is the first of several, behind their number, as new[] makes them. Two classes
 * may have the same name.
 */
uint32_t classes_of(struct classes *classes, const struct heap_block *block, const uint64_t words[2],
		    bool *ret_is_array);
