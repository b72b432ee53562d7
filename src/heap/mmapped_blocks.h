/* SPDX-License-Identifier: MIT */
/* Blocks so large that malloc maps each one separately: a mapping that begins with a header that says so. */
#pragma once

#include "heap/heap_memory.h"
#include "heap/malloc_counters.h"
#include "heap/walk_blocks.h"

/*
 * Adds these blocks to the arena: those that agree with malloc's counters, or else some of them,
 * with a note; `take` as in read_heap.h.
 */
void read_mapped_blocks(struct heap_memory *memory, const struct space *space,
			const struct malloc_counters *tally, struct heap_arena *arena, take_block_fn *take,
			void *context, struct notes *notes);
