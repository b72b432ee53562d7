/* SPDX-License-Identifier: MIT */
/* Blocks so large that malloc maps each by itself: a mapping that begins with a header which says so. */
#pragma once

#include "heap/heap_memory.h"
#include "heap/malloc_counters.h"
#include "heap/walk_blocks.h"

/*
 * Adds them to what the arena has: those that agree with what malloc counts, or else some of them, and a note;
 * `take` as in read_heap.h.
 */
void read_mapped_blocks(struct heap_memory *memory, const struct space *space,
			const struct malloc_counters *tally, struct heap_arena *arena, take_block_fn *take,
			void *context, struct notes *notes);
