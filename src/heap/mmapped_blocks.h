/* SPDX-License-Identifier: MIT */
/* Blocks so large that malloc maps each by itself: a mapping that begins with a header which says so. */
#pragma once

#include "heap/heap_memory.h"
#include "heap/walk_blocks.h"

/* Finds which mappings begin with one, as far as that is in memory: sets begins_with_block of each. */
void find_large_blocks(struct source *source, struct facts *facts);

/* The one that holds an address of a region. False: there is none. */
bool find_mapped_block(struct heap_memory *memory, const struct space *space, uint32_t region, uint64_t addr,
		       struct heap_block *ret);

/* Adds them to what the arena has in use; `take` as in heap.h. */
void read_mapped_blocks(struct heap_memory *memory, const struct space *space, struct heap_arena *arena,
			take_block_fn *take, void *context);
