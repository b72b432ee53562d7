/* SPDX-License-Identifier: MIT */
/*
 * Reads a section .symtab or .dynsym, entry by entry: which ones are symbols, and what they say.
 * For symbols.c, which puts them in order.
 */
#pragma once

#include <gelf.h>
#include <stdbool.h>
#include <stddef.h>

#include "elf/function_descriptors.h"
#include "elf/dynamic.h"
#include "elf/symbol_versions.h"
#include "elf/symbols.h"

/* The section or segment that a symbol is in. */
struct symbol_bounds {
	bool is_loaded, is_code;
	uint64_t start, end;
};

struct symtab {
	Elf *elf;
	unsigned machine;
	bool is_full; /* not only symbols for other modules */
	Elf_Data *entries;
	Elf_Data *indices; /* section indices, if there are too many for an entry; NULL: there are not */
	size_t n;
	char *names; /* a copy, with a NUL after the last one, which may lack it */
	size_t names_len;
	struct symbol_versions versions;
	bool has_suffixes;	/* names may end in versions */
	uint32_t section_index; /* of the section that was looked up last; 0: none */
	struct symbol_bounds bounds;
	struct dynamic dynamic; /* without sections, symbols are in segments */
	bool has_sections;
	struct descriptors descriptors;
	size_t budget; /* bytes of names to read: a hostile file may have endless names that overlap */
	bool has_unread_names; /* some symbols are left out, as their names are too long, one or all */
};

/*
 * Finds the table of a type (SHT_…); false: there is none. The caller frees its names. `main`: the
 * loaded file, if `elf` only describes it; else NULL.
 */
bool symtab_find(struct symtab *table, Elf *elf, Elf *main, unsigned type);

/* Finds the table of the dynamic symbols of a file without section headers. */
bool symtab_find_dynamic(struct symtab *table, Elf *elf);

/* How many entries a table has by its header, whether or not they are all in the file. */
size_t symtab_count(Elf *elf, unsigned type);

/* Frees all but the names. */
void symtab_done(struct symtab *table);

/*
 * Reads the i-th entry; false if it is not a symbol. Without a size, its `end` is that of its
 * section or segment.
 */
bool symtab_read(struct symtab *table, size_t i, struct symbol *ret);
