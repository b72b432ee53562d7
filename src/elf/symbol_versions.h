/* SPDX-License-Identifier: MIT */
/*
 * The versions of symbols. Dynamic symbols have them by number in .gnu.version, with names in
 * .gnu.version_d and .gnu.version_r; in .symtab, linkers write them at the end of the symbol's
 * name.
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
 * `definitions` and `needs` may be NULL. `strings` has a NUL after its last byte, and must outlive
 * the versions. Release with symbol_versions_done().
 */
void symbol_versions_init(struct symbol_versions *versions, Elf_Data *numbers, Elf_Data *definitions,
			  Elf_Data *needs, const char *strings, size_t strings_len);
void symbol_versions_done(struct symbol_versions *versions);

/* Gives the i-th symbol of the table its version. `numbers` must not be NULL. */
void symbol_versions_set(const struct symbol_versions *versions, size_t i, struct symbol *symbol);

/*
 * Gives a symbol the version that its name ends in, if any. The name is not cut; false: nothing
 * would be left of it.
 */
bool symbol_version_split(struct symbol *symbol);
