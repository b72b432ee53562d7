/* SPDX-License-Identifier: MIT */
/*
 * A section .symtab or .dynsym, entry by entry: which of them are symbols, and what they say. For symbols.c, which puts
 * them in order.
 */
#pragma once

#include <gelf.h>
#include <stdbool.h>
#include <stddef.h>

#include "elf/function_descriptors.h"
#include "elf/dynamic.h"
#include "elf/symbol_versions.h"
#include "elf/symbols.h"

/* What a symbol is in. */
struct symbol_bounds {
	bool is_loaded, is_code;
	uint64_t start, end;
};

struct symtab {
	Elf *elf;
	unsigned machine;
	bool is_full; /* not only of what other modules may use */
	Elf_Data *entries;
	Elf_Data *indices; /* of sections, where there are too many for an entry; NULL: not so */
	size_t n;
	char *names; /* a copy, with a NUL behind the last one, which need not have one */
	size_t names_len;
	struct symbol_versions versions;
	bool has_suffixes;	/* versions are in names */
	uint32_t section_index; /* of the section that was looked up last; 0: none was */
	struct symbol_bounds bounds;
	struct dynamic dynamic; /* where there are no sections, segments are what symbols are in */
	bool has_sections;
	struct descriptors descriptors;
	size_t budget; /* of bytes of names: those of a hostile file overlap until nobody can compare them */
};

/*
 * The table of a type (SHT_…); false: there is none. Its names are the caller's to free. `main`: the
 * file that is loaded, where `elf` only describes it.
 */
bool symtab_find(struct symtab *table, Elf *elf, Elf *main, unsigned type);

/* That of the dynamic symbols of a file without section headers. */
bool symtab_find_dynamic(struct symtab *table, Elf *elf);

/* How many entries it has by its header, whether or not they lie in the file. */
size_t symtab_count(Elf *elf, unsigned type);

/* Frees the rest. */
void symtab_done(struct symtab *table);

/* The i-th entry; false when it is no symbol. Its `end` is that of its section or segment, if it has no size. */
bool symtab_read(struct symtab *table, size_t i, struct symbol *ret);
