/* SPDX-License-Identifier: MIT */
/*
 * What the parts of read_heap() share: what is read, and what is needed to find the threads' caches
 * at the end.
 */
#pragma once

#include "heap/cached_blocks.h"
#include "heap/read_heap.h"

/* A piece of an arena that was walked. */
struct walked_range {
	uint64_t start, end;
	size_t arena; /* index in heap.arenas */
};

/* A block that may hold a thread's cache. */
struct thread_cache {
	uint64_t start, size;
};

struct heap_reader {
	struct heap_memory memory;
	const struct space *space;
	struct heap *heap;
	struct notes *notes;
	take_block_fn *take;
	void *context;

	struct cached_blocks cached;
	struct walked_range *walked;
	size_t n_walked, cap_walked;
	struct thread_cache *caches;
	size_t n_caches, cap_caches;
	bool has_more_caches; /* than are kept */
};
