/* SPDX-License-Identifier: MIT */
/*
 * The states of glibc's arenas (struct malloc_state in malloc/malloc.c), found without symbols: in a C
 * library's data stand 127 pairs of pointers, the bins, each pointing to itself or into heaps. What comes behind
 * them is alike in all versions; what comes before is as long as the chain of arenas says.
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
	uint64_t fast[FAST_MAX]; /* heads of lists of small blocks, the smallest first; 0: empty */
	size_t n_fast;
};

/* Bytes of a state, and the smallest block. */
uint64_t malloc_state_size(const struct malloc_layout *layout) _pure_;
static inline uint64_t malloc_min_size(const struct malloc_layout *layout)
{
	return 4 * layout->word_size;
}

/* Of blocks of the i-th list of small ones, and of the i-th of a thread's cache. */
static inline uint64_t malloc_fast_size(const struct malloc_layout *layout, size_t i)
{
	return (i + 2) * 2 * layout->word_size;
}

/*
 * Finds the main arena of a C library in the data of its module, and then of others (dlmopen(3)): calls `take` with
 * each address and layout.
 */
typedef void main_arena_fn(void *context, const struct malloc_layout *layout, uint64_t address);
void find_main_arenas(struct heap_memory *memory, const struct space *space, main_arena_fn *take,
		      void *context);

/* Reads a state as it is now. False where that is not possible, or makes no sense. */
bool malloc_state_read(struct heap_memory *memory, const struct malloc_layout *layout, uint64_t address,
		       struct malloc_state *ret);

/*
 * Reads a state, and the end of its top, which ends the memory: 0 where the top moved meanwhile, or its size is not
 * written yet. False as above.
 */
bool malloc_state_read_end(struct heap_memory *memory, const struct malloc_layout *layout, uint64_t address,
			   struct malloc_state *ret, uint64_t *ret_end);

/* Whether an address is in memory that can be a heap's: anonymous, to read and write. */
bool may_be_heap(const struct facts *facts, uint64_t addr);
