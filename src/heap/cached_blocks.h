/* SPDX-License-Identifier: MIT */
/*
 * Blocks that were freed and look used to their neighbours, since they are kept for the next who asks for that
 * size: in the lists of an arena (fastbins), and in each thread's cache (tcache).
 */
#pragma once

#include "heap/arena_state.h"

/* Whether a list may have a block at an address; `size` as its header has it. */
typedef bool may_hold_fn(void *context, uint64_t start, uint64_t size);

struct cache_lists {
	struct heap_memory *memory;
	const struct malloc_layout *layout;
	may_hold_fn *may_hold;
	void *context;
	uint64_t *starts; /* the blocks found, owned by the caller */
	size_t n, cap;
};

/* Adds the blocks of the small lists of an arena. */
void cache_read_fast(struct cache_lists *lists, const struct malloc_state *state);

/* Whether a block of that size may be what a thread keeps its cache in. */
bool cache_has_size(const struct malloc_layout *layout, uint64_t size);
static inline bool cache_may_be_thread(const struct malloc_layout *layout, uint64_t size)
{
	/* Asked of each block: the smallest of all versions, and the largest. */
	return unlikely(size >= 0x150 && size <= 0x300) && cache_has_size(layout, size);
}

/* Adds the blocks of a thread's cache, if that is what the block at `start` is. */
void cache_read_thread(struct cache_lists *lists, uint64_t start, uint64_t size);

/* Sorts what was found, each once. */
void cache_settle(struct cache_lists *lists);
