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

/* A hash table of words and the class that each stands for. */
struct word_table {
	struct known_word *items;
	size_t n, cap; /* cap: a power of two */
};

struct classes {
	struct heap_memory memory; /* reads modules, and blocks too */
	const struct space *space;
	struct symbolizer symbols;
	struct class_range *ranges; /* memory of modules; sorted, disjoint */
	size_t n_ranges, cap_ranges;
	struct word_table words;  /* those looked up: addresses of vtables, or of anything in a module */
	struct word_table types;  /* addresses of type_infos */
	struct word_table hashes; /* of names */
	char **names;		  /* by class number; readable if this build can demangle */
	size_t n_names, cap_names;
	uint64_t name_bytes;  /* read, and kept */
	bool is_limited;      /* some classes are not known for lack of room */
	uint32_t file_object; /* the object whose file is open as `file_fd`, or could not be opened */
	int file_fd;
	uint64_t file_page; /* the page whose contents, from a file, are `file_bytes`; UNKNOWN: none */
	size_t file_len;
	unsigned char *file_bytes;
};

/* `space` must have been judged; `wants_debuginfod` as in struct request. */
void classes_init(struct classes *classes, struct source *source, const struct space *space,
		  bool wants_debuginfod);
void classes_done(struct classes *classes);

/* Says whether classes are missing because there are too many. */
void classes_note(const struct classes *classes, struct notes *notes);

/*
 * The class of the object that a block begins with, from the first two words of the block's user
 * data; NO_CLASS: not known. *ret_is_array: the object is the first of several, which follow their
 * number, as new[] lays them out.
 */
uint32_t classes_of(struct classes *classes, const struct heap_block *block, const uint64_t words[2],
		    bool *ret_is_array);
