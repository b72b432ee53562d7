/* SPDX-License-Identifier: MIT */
/*
 * A libelf handle that is closed at the end of its scope; for the few source files that use libelf.
 */
#pragma once

#include <libelf.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/util.h"

static inline void cleanup_elf(Elf **elf)
{
	elf_end(*elf);
}

#define _cleanup_elf_ _cleanup_(cleanup_elf)

/*
 * libelf does not distinguish a file that makes no sense from one that could not be read, but it
 * leaves errno as a failed call has set it. Call elf_watch() before reading a file, and
 * elf_failure() after all of it: 0, or the negative errno of a call that failed, except for errors
 * that the contents of a file can cause.
 */
void elf_watch(void);
int elf_failure(void);

/* The number of sections that a file claims to have: nearly anything, if it is sparse. */
uint64_t elf_section_count(int fd);

/* Whether libelf would allocate gigabytes for the section headers that a file claims to have. */
bool elf_is_excessive(int fd);

/*
 * Whether the compressed sections of a file claim to be far larger than a compiler makes them, or are
 * far more than a linker makes: libdw allocates memory for, and inflates, each one that it looks at.
 */
bool elf_is_inflated(Elf *elf);

/* A handle of a file, which must stay open as long; NULL if libelf refuses it, or elf_is_excessive(). */
Elf *elf_open(int fd);

/* The section with a name; NULL: there is none, or the names of all sections are too large. */
Elf_Scn *elf_find_section(Elf *elf, const char *name);

/*
 * The contents of a section, as they are in the file; NULL: there are none, or they are compressed
 * or larger than `max` bytes.
 */
const char *elf_section_bytes(Elf *elf, const char *name, size_t max, size_t *ret_len);
