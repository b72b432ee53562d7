/* SPDX-License-Identifier: MIT */
#include "heap/thread_caches.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/range.h"
#include "heap/cached_blocks.h"

static const struct walked_range *find_walked(const struct heap_reader *reader, uint64_t addr)
{
	size_t i = range_find(reader->walked, reader->n_walked, sizeof(*reader->walked), addr);

	return i < reader->n_walked && reader->walked[i].start <= addr ? &reader->walked[i] : NULL;
}

static bool may_be_cached(void *context, uint64_t start, uint64_t size)
{
	const struct heap_reader *reader = context;
	const struct walked_range *walked = find_walked(reader, start);

	return walked && size >= 4 * reader->memory.word_size && size <= walked->end - start;
}

/* Cached blocks were counted as used. */
static void count_cached(struct heap_reader *reader, uint64_t start)
{
	const struct walked_range *walked = find_walked(reader, start);
	struct heap_arena *arena;
	uint64_t size;

	if (!walked || heap_is_cached(reader->heap, start) ||
	    !heap_memory_peek(&reader->memory, start + reader->memory.word_size, &size))
		return;
	size &= ~UINT64_C(7);
	arena = &reader->heap->arenas[walked->arena];
	if (size > arena->used || arena->blocks == 0)
		return;
	arena->used -= size;
	arena->cached += size;
	arena->blocks--;
}

void read_thread_caches(struct heap_reader *reader, const struct malloc_layout *layout)
{
	struct heap *heap = reader->heap;
	struct cache_lists lists = {
		.memory = &reader->memory,
		.layout = layout,
		.may_hold = may_be_cached,
		.context = reader,
		.all = &reader->cached,
	};

	range_sort(reader->walked, reader->n_walked, sizeof(*reader->walked));
	range_sort(heap->cached, heap->n_cached, sizeof(*heap->cached));
	heap_memory_forget(&reader->memory);
	for (size_t i = 0; i < reader->n_caches; i++)
		cache_read_thread(&lists, reader->caches[i].start, reader->caches[i].size);
	cache_settle(&lists);
	for (size_t i = 0; i < lists.n; i++)
		count_cached(reader, lists.starts[i]);
	for (size_t i = 0; i < lists.n; i++)
		heap_add_cached(heap, lists.starts[i]);
	range_sort(heap->cached, heap->n_cached, sizeof(*heap->cached));
	free(lists.starts);
	if (reader->has_more_caches)
		notes_warn(
			reader->notes, "heap-caches",
			"more than %zu blocks look like caches of threads: what the others hold counts as used",
			reader->n_caches);
}
