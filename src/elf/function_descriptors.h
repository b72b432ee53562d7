/* SPDX-License-Identifier: MIT */
/*
 * Function descriptors (PowerPC64 ELFv1): a function's symbol has the address of three words in .opd,
 * the first of which is where its code begins.
 */
#pragma once

#include <gelf.h>
#include <stdbool.h>
#include <stdint.h>

#include "elf/dynamic.h"

struct descriptors {
	bool are_used;
	struct dynamic file; /* that is loaded, and has them */
	uint64_t start;	     /* of those that were read last */
	Elf_Data *words;     /* NULL: none were */
};

/* `main`: the file that is loaded, where `elf` only describes it. Done with descriptors_done(). */
void descriptors_init(struct descriptors *descriptors, Elf *elf, Elf *main);
void descriptors_done(struct descriptors *descriptors);

/* Whether functions of such a file are found that way. */
bool descriptors_are_used(Elf *elf);

/*
 * Where the code begins of the descriptor at an address, in a section or segment from `start` to
 * `end`. False: the file has none there.
 */
bool descriptors_code(struct descriptors *descriptors, uint64_t start, uint64_t end, uint64_t addr,
		      uint64_t *ret);
