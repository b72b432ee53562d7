/* SPDX-License-Identifier: MIT */
/* The blocks in use that are not marked: which of them lead to which, which are in doubt, and groups that are alike. */
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

/* All blocks in use that are not marked. */
void lost_find(struct lost_blocks *lost, const struct mark *mark);

/* Marks those that were not lost before as well, at the same place and as large, and what they lead to. */
void lost_agree(struct lost_blocks *lost, const struct lost_blocks *before, struct mark *mark);

/*
 * Marks those that `n_pointers` unknown pointers may lead to: of as many or fewer groups of blocks of one size that no
 * other lost block leads to, and what these lead to.
 */
void lost_doubt(struct lost_blocks *lost, size_t n_pointers, struct mark *mark);

/* Finds by whom each is pointed to. */
void lost_find_holders(struct lost_blocks *lost, const struct mark *mark);

/* Finds groups of those that are alike, in the order of struct leaks; `groups` as of block_groups_finish(). */
void lost_group(const struct lost_blocks *lost, struct block_groups *groups, struct block_list *ret);

/* Bytes of all of them. */
uint64_t lost_bytes(const struct lost_blocks *lost) _pure_;
