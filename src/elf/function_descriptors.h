/* SPDX-License-Identifier: MIT */
/*
 * Function descriptors (PowerPC64 ELFv1): the symbol of a function has the address of three words
 * in .opd, the first of which is the address of its code.
 */
#pragma once

#include <gelf.h>
#include <stdbool.h>
#include <stdint.h>

#include "elf/dynamic.h"

struct descriptors {
	bool are_used;
	struct dynamic file; /* the loaded file, which has them */
	uint64_t start;	     /* of the section or segment that was read last */
	Elf_Data *words;     /* its contents; NULL: nothing was read */
	uint64_t budget;     /* bytes that may still be read: libelf keeps all of them */
};

/* `main`: the loaded file, if `elf` only describes it; else NULL. Release with descriptors_done(). */
void descriptors_init(struct descriptors *descriptors, Elf *elf, Elf *main);
void descriptors_done(struct descriptors *descriptors);

/* Whether the functions of a file have descriptors. */
bool descriptors_are_used(Elf *elf);

/*
 * Where the code of the descriptor at `addr` begins; the descriptor is in a section or segment from
 * `start` to `end`. False: the file has none there.
 */
bool descriptors_code(struct descriptors *descriptors, uint64_t start, uint64_t end, uint64_t addr,
		      uint64_t *ret);
