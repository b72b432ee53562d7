/* SPDX-License-Identifier: MIT */
/* Chooses among possible blocks, given how many real ones there are and their total size. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHOICE_MAX 4096 /* with more candidates, no choice is tried */

struct possible_block {
	uint64_t start, end; /* whole pages */
	uint64_t header;     /* address of malloc's header in it */
	bool begins_mapping; /* or follows right after one that does */
	bool is_chosen;
};

/*
 * Sets is_chosen of `n_wanted` of the blocks, which are sorted by start: those chosen do not
 * overlap and have `bytes` in total. Blocks that begin a mapping are preferred. False: there is no
 * such choice, several are equally good, or it takes too long.
 */
bool choose_blocks(struct possible_block *blocks, size_t n, uint64_t n_wanted, uint64_t bytes);
