/* SPDX-License-Identifier: MIT */
/* Where the memory of an arena begins and ends: one piece of the main arena, and the heaps of the others. */
#pragma once

#include "heap/walk_blocks.h"

/*
 * The memory of the main arena; where it had to go on elsewhere, the part with the top at least. Waits where a
 * process that runs has it half changed; *state is as it was then. Else WALK_MOVING, or WALK_BROKEN where all looks
 * found the same.
 */
enum walk_end find_main_piece(struct heap_memory *memory, const struct malloc_layout *layout,
			      const struct facts *facts, struct malloc_state *state, struct heap_piece *ret);

/* The blocks of a heap of another arena. False: it has none. */
bool find_heap_piece(struct heap_memory *memory, const struct malloc_layout *layout,
		     const struct malloc_state *state, const struct arena_heap *heap, struct heap_piece *ret);
