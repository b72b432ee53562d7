/* SPDX-License-Identifier: MIT */
/*
 * malloc's own counters of the blocks that have their own mapping (mp_, a struct malloc_par in
 * malloc/malloc.c), found without symbols in the data of the C library that has the main arena: by
 * how its members must relate to each other.
 */
#pragma once

#include "heap/arena_state.h"

#define COUNTERS_MAX 16 /* C libraries in a process */

struct malloc_counters {
	uint64_t places[COUNTERS_MAX]; /* addresses of n_mmaps */
	size_t n;
	bool is_missing; /* those of some C library were not found */
};

struct malloc_count {
	uint64_t blocks;
	/* Whole pages; a few too many if glibc 2.43 has resized mappings hundreds of times. */
	uint64_t bytes;
};

/* Adds the place of the counters that belong to a main arena, whose `state` was just read. */
void malloc_counters_find(struct heap_memory *memory, const struct space *space,
			  const struct malloc_state *state, struct malloc_counters *tally);

/* Reads the counters as they are now, and adds them up. False: they are not known. */
bool malloc_counters_read(const struct heap_memory *memory, const struct malloc_counters *tally,
			  struct malloc_count *ret);
