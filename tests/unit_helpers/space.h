/* SPDX-License-Identifier: MIT */
/*
 * Address spaces made by hand, of 4K pages: the text of a memory map, and ELF images for the
 * files in it. What is made of them is compared as text too.
 */
#pragma once

#include "base/util.h"
#include "model/space.h"

/* Segments in a table, ended by one without access rights. */
#define R__ PERM_R
#define R_X (PERM_R | PERM_X)
#define RW_ (PERM_R | PERM_W)
#define RWX (PERM_R | PERM_W | PERM_X)

struct file {
	const char *path;
	struct segment segments[6];
	uint64_t relro_start, relro_end;
	struct section sections[6];
};

/* An address space with this memory map. The caller frees it with space_done(). */
void space_map(struct space *space, const char *maps);

/* Says that a file of the map is this ELF file. */
void space_add_file(struct space *space, const struct file *file);

/* The object of that name, which must be there. */
struct object *space_object(struct space *space, const char *name);

/* Finds the modules and classifies, and checks what must hold of any result. */
void space_classify(struct space *space);

/*
 * Compares regions, one a line: "START-END KIND BASIS", then "#MODULE" when it has one, and
 * "+PADDING" when there is any; numbers in hexadecimal.
 */
void space_expect(const struct space *space, const char *regions);
