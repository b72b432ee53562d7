/* SPDX-License-Identifier: MIT */
/*
 * A walk from block to block through a piece of memory that malloc manages. A block's size leads to
 * the next block, which has a flag that says whether the one before it is in use.
 */
#pragma once

#include "heap/arena_state.h"
#include "model/heap.h"

/* Called for each block, in address order. */
typedef void take_block_fn(void *context, const struct heap_block *block);

/* Called for several adjacent blocks, which the callee may change. */
typedef void take_blocks_fn(void *context, struct heap_block *blocks, size_t n);

struct heap_piece {
	uint64_t start; /* of the first block */
	uint64_t end;
};

enum walk_end {
	WALK_DONE,
	WALK_SWAPPED, /* a page is in swap and stays there */
	WALK_UNREAD,  /* the page map could not be read */
	WALK_MOVING,  /* the process changed the heap faster than it could be read */
	WALK_BROKEN,  /* a block has an impossible size, and keeps it */
};

struct heap_walk {
	struct heap_memory *memory;
	const struct malloc_layout *layout;
	uint64_t arena; /* address of its state, which says where the top is */
	uint32_t index; /* index of the arena in heap.arenas */
	struct heap_piece piece;
	uint64_t limit; /* how far the piece may have grown when it is looked at again */
	/*
	 * Address of the heap's header, which says how long the heap is; 0: the main arena, which
	 * has none.
	 */
	uint64_t heap;
	bool is_last; /* the piece ends with the top, at this moment */
	take_blocks_fn *take;
	void *context;
	uint64_t at; /* where the walk ended */
};

/* Covers and walks the piece. The blocks passed to `take` cover piece.start to `at` without a gap. */
enum walk_end heap_walk_piece(struct heap_walk *walk);
