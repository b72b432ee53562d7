/* SPDX-License-Identifier: MIT */
/* A choice among what may be blocks, of which it is known how many they are, and how large together. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHOICE_MAX 4096 /* candidates among which a choice is tried */

struct possible_block {
	uint64_t start, end; /* whole pages */
	uint64_t header;     /* where in it malloc has the block begin */
	bool begins_mapping; /* or comes right behind one that does */
	bool is_chosen;
};

/*
 * Sets is_chosen of `n_wanted` of the blocks, which are sorted by start: they do not overlap and have `bytes`
 * together. Those that begin a mapping are preferred. False where there is no such choice, where several are as
 * good, or where it takes too long.
 */
bool choose_blocks(struct possible_block *blocks, size_t n, uint64_t n_wanted, uint64_t bytes);
