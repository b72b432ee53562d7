/* SPDX-License-Identifier: MIT */
/*
 * The versions of symbols: by number in .gnu.version, as dynamic symbols have them, with names in
 * .gnu.version_d and .gnu.version_r; or at the end of the name, as linkers write it in .symtab.
 */
#pragma once

#include <gelf.h>
#include <stdbool.h>
#include <stddef.h>

#include "elf/symbols.h"

struct symbol_versions {
	Elf_Data *numbers;  /* by symbol; NULL: there are none */
	const char **names; /* by number; NULL: not known */
	size_t n_names;
};

/*
 * `definitions` and `needs` may be NULL. `strings` has a NUL behind its last byte, and must stay.
 * Done with symbol_versions_done().
 */
void symbol_versions_init(struct symbol_versions *versions, Elf_Data *numbers, Elf_Data *definitions,
			  Elf_Data *needs, const char *strings, size_t strings_len);
void symbol_versions_done(struct symbol_versions *versions);

/* Gives the i-th symbol of the table its version. There must be numbers. */
void symbol_versions_set(const struct symbol_versions *versions, size_t i, struct symbol *symbol);

/*
 * Gives a symbol the version that its name ends in, if there is one. The name is not cut; false:
 * nothing would be left of it.
 */
bool symbol_version_split(struct symbol *symbol);
