/* SPDX-License-Identifier: MIT */
/*
 * Blocks grouped by the class of the object in them, by size and, if lost, by whether another one
 * points to them.
 */
#pragma once

#include "heap/block_index.h"
#include "heap/cpp_classes.h"

#define GROUPS_MAX 65536 /* blocks that need further groups are counted together */

struct counted_group;

struct block_groups {
	struct classes classes;
	struct counted_group *items;
	size_t n, cap;
	uint32_t *slots;	      /* a hash table: 1 + index of an item, 0: free */
	struct block_group others[2]; /* blocks without a group; the second: those with a holder */
	struct block_group total;
};

/* The parameters are as for classes_init(). */
void block_groups_init(struct block_groups *groups, struct source *source, const struct space *space,
		       bool wants_debuginfod);
void block_groups_done(struct block_groups *groups);

/*
 * Counts a block; `holder` as in struct block_group. Counting many is faster by ascending address,
 * if groups->classes.memory covers them.
 */
void block_groups_add(struct block_groups *groups, const struct heap_block *block, uint64_t holder);

/*
 * Moves what was counted to *ret, which the caller frees with block_list_done(). Nothing can be
 * added afterwards.
 */
void block_groups_finish(struct block_groups *groups, struct block_list *ret);

/* Reads the heap into *heap, as read_heap() does, and groups all blocks in use. */
void read_blocks(struct source *source, const struct space *space, bool wants_debuginfod, struct heap *heap,
		 struct block_list *ret, struct notes *notes);
