/* SPDX-License-Identifier: MIT */
/*
 * The states of glibc's arenas (struct malloc_state in malloc/malloc.c), found without symbols: a C
 * library's data contains 127 pairs of pointers, the bins, each of which points to itself or into a
 * heap. What follows the bins is the same in all versions. How much precedes them is found from the
 * chain of arenas, which leads back to the start of the state.
 */
#pragma once

#include "heap/heap_memory.h"
#include "model/space.h"

#define N_BINS 127
#define FAST_MAX 12

struct malloc_layout {
	size_t word_size;
	uint64_t page_size;
	uint64_t before_bins; /* bytes from the beginning of a state to its bins */
};

struct malloc_state {
	uint64_t address;
	uint64_t top, next, system;
	uint64_t fast[FAST_MAX]; /* heads of the fastbins, the smallest size first; 0: empty */
	size_t n_fast;
};

/* The size of a state, and of the smallest block, in bytes. */
uint64_t malloc_state_size(const struct malloc_layout *layout) _pure_;
static inline uint64_t malloc_min_size(const struct malloc_layout *layout)
{
	return 4 * layout->word_size;
}

/* The size of the blocks in the i-th fastbin. */
static inline uint64_t malloc_fast_size(const struct malloc_layout *layout, size_t i)
{
	return (i + 2) * 2 * layout->word_size;
}

/* How much of the data is searched. */
struct arena_limits {
	size_t steps; /* along chains of arenas, that are left; 0: some arenas may be missing */
	bool is_cut;  /* a module's data was too large to be searched to its end */
};

/*
 * Finds the main arena of each C library in the process (dlmopen(3) may load more than one), in the
 * data of its module: calls `take` with each layout and state. Returns whether anything looked
 * like one, even if a thread was changing it and it made no sense.
 */
typedef void main_arena_fn(void *context, const struct malloc_layout *layout,
			   const struct malloc_state *state);
bool find_main_arenas(struct heap_memory *memory, const struct space *space, struct arena_limits *limits,
		      main_arena_fn *take, void *context);

/* Reads a state as it is now. False: it cannot be read, or makes no sense. */
bool malloc_state_read(struct heap_memory *memory, const struct malloc_layout *layout, uint64_t address,
		       struct malloc_state *ret);

/*
 * Reads a state, and the address where its top and so its memory ends: 0 if the top moved
 * meanwhile, or its size is not written yet. False as above.
 */
bool malloc_state_read_end(struct heap_memory *memory, const struct malloc_layout *layout, uint64_t address,
			   struct malloc_state *ret, uint64_t *ret_end);

/* Whether an address is in memory that may be a heap's: anonymous, readable and writable. */
bool may_be_heap(const struct facts *facts, uint64_t addr);
