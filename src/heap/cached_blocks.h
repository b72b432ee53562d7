/* SPDX-License-Identifier: MIT */
/*
 * Blocks that were freed but look used to their neighbours, because they are kept for the next
 * malloc(3) of that size: in an arena's fastbins, and in each thread's cache (tcache).
 */
#pragma once

#include "heap/address_set.h"
#include "heap/arena_state.h"

/* Whether a list may contain a block at an address; `size` is from its header. */
typedef bool may_hold_fn(void *context, uint64_t start, uint64_t size);

/* What all lists have, of all arenas and threads: in a sound heap, no block is in two of them. */
struct cached_blocks {
	struct address_set starts;
	size_t n_again;	 /* times that a list led to a block that was known */
	bool is_tangled; /* that was too often, and lists were left out */
	bool is_full;	 /* there are too many blocks, and some were left out */
};

struct cache_lists {
	struct heap_memory *memory;
	const struct malloc_layout *layout;
	may_hold_fn *may_hold;
	void *context;
	struct cached_blocks *all;
	uint64_t *starts; /* the blocks found, owned by the caller */
	size_t n, cap;
};

/* Adds the blocks in an arena's fastbins. */
void cache_read_fast(struct cache_lists *lists, const struct malloc_state *state);

/* Whether a block of that size may hold a thread's cache. */
bool cache_has_size(const struct malloc_layout *layout, uint64_t size);
static inline bool cache_may_be_thread(const struct malloc_layout *layout, uint64_t size)
{
	/* Called for each block: the smallest size in any version, and the largest, rule out most of them. */
	return unlikely(size >= 0x150 && size <= 0x300) && cache_has_size(layout, size);
}

/*
 * Whether a block of such a size may hold a cache with blocks in it, as far as its first and last lists
 * show: programs may have any number of other blocks of that size. The block may be in the piece of
 * lists->memory that was read last.
 */
bool cache_may_have_lists(const struct cache_lists *lists, uint64_t start, uint64_t size);

/* Adds the blocks in a thread's cache, if the block at `start` holds one. */
void cache_read_thread(struct cache_lists *lists, uint64_t start, uint64_t size);

/* Sorts the blocks found, and drops duplicates. */
void cache_settle(struct cache_lists *lists);
