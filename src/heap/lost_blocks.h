/* SPDX-License-Identifier: MIT */
/*
 * The blocks in use that are not marked: which ones point to which, which are in doubt, and groups
 * of similar ones.
 */
#pragma once

#include "heap/block_groups.h"
#include "heap/mark_reachable.h"

struct lost_block {
	uint64_t start, end;
	uint64_t holder; /* start of another lost block that points to it, or UNKNOWN */
};

struct lost_blocks {
	struct lost_block *items; /* sorted */
	size_t n, cap;
};

void lost_done(struct lost_blocks *lost);

/* Finds all blocks in use that are not marked. */
void lost_find(struct lost_blocks *lost, const struct mark *mark);

/*
 * Marks and drops the blocks that were not also lost before, at the same address and with the same
 * size, and all that they lead to.
 */
void lost_agree(struct lost_blocks *lost, const struct lost_blocks *before, struct mark *mark);

/*
 * Marks and drops the blocks that `n_pointers` unknown pointers may lead to, and all that these lead
 * to. They are chosen from the blocks that no other lost block leads to, and one of each cycle: of
 * each size, all if there are no more than `n_pointers`, else none.
 */
void lost_doubt(struct lost_blocks *lost, size_t n_pointers, struct mark *mark);

/* Sets the holder of each block. */
void lost_find_holders(struct lost_blocks *lost, const struct mark *mark);

/* Groups similar blocks, in the order of struct leaks. `groups` must be newly initialised, and is finished. */
void lost_group(const struct lost_blocks *lost, struct block_groups *groups, struct block_list *ret);

/* The total size in bytes. */
uint64_t lost_bytes(const struct lost_blocks *lost) _pure_;
