/* SPDX-License-Identifier: MIT */
/*
 * Hand-made address spaces with 4K pages: the text of a memory map, and ELF images for the files
 * in it. The results are compared as text, too.
 */
#pragma once

#include "base/util.h"
#include "model/space.h"

/* Access rights of segments; a segment without any ends a table. */
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

/* Makes an address space with this memory map. The caller frees it with space_done(). */
void space_map(struct space *space, const char *maps);

/* Gives the ELF image of a file to its object in the map. */
void space_add_file(struct space *space, const struct file *file);

/* The object with this name, which must exist. */
struct object *space_object(struct space *space, const char *name);

/* Finds the modules and classifies, and checks what must hold of any result. */
void space_classify(struct space *space);

/*
 * Compares regions, one per line: "START-END KIND BASIS", then "#MODULE" if it has one, and
 * "+PADDING" if there is any; numbers in hexadecimal.
 */
void space_expect(const struct space *space, const char *regions);
