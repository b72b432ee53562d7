/* SPDX-License-Identifier: MIT */
/*
 * The names of a file's sections (e_shstrndx, gabi "Section Header"). libelf's elf_strptr() makes sure
 * for each name that it ends, and may search all of the names for that.
 */
#pragma once

#include <gelf.h>
#include <stdbool.h>
#include <stddef.h>

struct section_names {
	const char *text; /* libelf's; ends with NUL */
	size_t len;
	bool are_too_large; /* so they were not read */
};

/* Leaves `names` empty if the file has none. */
void section_names_init(struct section_names *names, Elf *elf);

/* The name of a section, as long as the handle is open; NULL: none. */
const char *section_names_get(const struct section_names *names, const GElf_Shdr *shdr);
