/* SPDX-License-Identifier: MIT */
/* Where the memory of an arena begins and ends: one piece of the main arena, and the heaps of the others. */
#pragma once

#include "heap/walk_blocks.h"

/* Bytes that the main arena may grow by while it is read, or since the map was read: malloc takes far less. */
#define ARENA_GROWTH_MAX (UINT64_C(1) << 30)

/*
 * Finds the memory of the main arena; if that is in several parts, at least the part with the top.
 * If a running process is in the middle of changing the arena, waits and looks again; *state is
 * then as last read. Returns WALK_DONE; WALK_MOVING; or WALK_BROKEN if every look found the same.
 */
enum walk_end find_main_piece(struct heap_memory *memory, const struct malloc_layout *layout,
			      const struct facts *facts, struct malloc_state *state, struct heap_piece *ret);

/* Finds where the blocks in a heap of another arena begin and end. False: it has none. */
bool find_heap_piece(struct heap_memory *memory, const struct malloc_layout *layout,
		     const struct malloc_state *state, const struct arena_heap *heap, struct heap_piece *ret);
