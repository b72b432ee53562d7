/* SPDX-License-Identifier: MIT */
/* Blocks grouped by the class of what is in them, by size and, of lost ones, by whether another points to them. */
#pragma once

#include "heap/block_index.h"
#include "heap/cpp_classes.h"

#define GROUPS_MAX 65536 /* what comes later is counted together */

struct counted_group;

struct block_groups {
	struct classes classes;
	struct counted_group *items;
	size_t n, cap;
	uint32_t *slots;	      /* a hash table: 1 + index of an item, 0: free */
	struct block_group others[2]; /* the second: of blocks with a holder */
	struct block_group total;
};

/* As classes_init(). */
void block_groups_init(struct block_groups *groups, struct source *source, const struct space *space,
		       bool wants_debuginfod);
void block_groups_done(struct block_groups *groups);

/*
 * Counts a block; `holder` as in struct block_group. To count many by ascending address is faster where
 * groups->classes.memory covers them.
 */
void block_groups_add(struct block_groups *groups, const struct heap_block *block, uint64_t holder);

/* What was counted, which the caller frees with block_list_done(). Nothing can be added any more. */
void block_groups_finish(struct block_groups *groups, struct block_list *ret);

/* Reads the heap and groups all blocks in use; *heap as of read_heap(). */
void read_blocks(struct source *source, const struct space *space, bool wants_debuginfod, struct heap *heap,
		 struct block_list *ret, struct notes *notes);
