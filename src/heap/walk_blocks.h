/* SPDX-License-Identifier: MIT */
/*
 * A walk from block to block through a piece of memory that malloc manages. A block's size leads to the next
 * one, whose flag says whether it is in use.
 */
#pragma once

#include "heap/arena_state.h"
#include "model/heap.h"

/* Called for each block, in the order of addresses. */
typedef void take_block_fn(void *context, const struct heap_block *block);

/* Likewise for some, one behind the other, which the callee may change. */
typedef void take_blocks_fn(void *context, struct heap_block *blocks, size_t n);

struct heap_piece {
	uint64_t start; /* of the first block */
	uint64_t end;
};

enum walk_end {
	WALK_DONE,
	WALK_SWAPPED, /* a page is in swap, and stays there */
	WALK_UNREAD,  /* which pages are in memory could not be read */
	WALK_MOVING,  /* the process changed it faster than it could be read */
	WALK_BROKEN,  /* an impossible size, and it stays */
};

struct heap_walk {
	struct heap_memory *memory;
	const struct malloc_layout *layout;
	uint64_t arena; /* address of its state, which says where the top is, */
	uint32_t index; /* and of the arena in heap.arenas */
	struct heap_piece piece;
	uint64_t limit; /* up to where it may have grown when it is looked at again */
	/* Where its header is, which says how long it is; 0: of the main arena, which has none. */
	uint64_t heap;
	bool is_last; /* it ends with the top, at this moment */
	take_blocks_fn *take;
	void *context;
	uint64_t at; /* where it ended */
};

/* Covers and walks it. What is reported to `take` are blocks without a gap from piece.start to `at`. */
enum walk_end heap_walk_piece(struct heap_walk *walk);
