/* SPDX-License-Identifier: MIT */
/*
 * A handle of libelf's that ends with its scope; for the few files that know libelf.
 */
#pragma once

#include <libelf.h>
#include <stdbool.h>

#include "base/util.h"

static inline void cleanup_elf(Elf **elf)
{
	elf_end(*elf);
}

#define _cleanup_elf_ _cleanup_(cleanup_elf)

/*
 * libelf does not tell a file that makes no sense from one that could not be read; errno does, which it leaves as
 * a failed call has set it. elf_watch() comes before, and elf_failure() after all that reads a file: 0, or the
 * negative errno of a call that failed, other than for what a file may make up.
 */
void elf_watch(void);
int elf_failure(void);

/* Whether libelf would take memory by the gigabyte for the section headers that a file claims to have. */
bool elf_is_excessive(int fd);

/*
 * Whether compressed sections of a file claim to be far larger than any compiler's would be: libdw makes room for,
 * and inflates, each one that it looks at.
 */
bool elf_is_inflated(Elf *elf);

/* A handle of a file, which must stay open as long; NULL when libelf refuses it, or it is excessive. */
Elf *elf_open(int fd);

/* The section of a name; NULL: none, or the names of all are excessive. */
Elf_Scn *elf_find_section(Elf *elf, const char *name);

/* What it holds, as it lies in the file; NULL where there is none or more than `max` bytes. */
const char *elf_section_bytes(Elf *elf, const char *name, size_t max, size_t *ret_len);
