/* SPDX-License-Identifier: MIT */
#include "model/heap.h"

#include <stdlib.h>

#include "base/range.h"

const char *const block_state_names[N_BLOCK_STATES] = {
	[BLOCK_USED] = "used", [BLOCK_CACHED] = "cached", [BLOCK_FREE] = "free",
	[BLOCK_TOP] = "top",   [BLOCK_OTHER] = "malloc",
};

void heap_done(struct heap *heap)
{
	for (size_t i = 0; i < heap->n_arenas; i++)
		free(heap->arenas[i].tids);
	free(heap->arenas);
	free(heap->cached);
	free(heap->others);
	*heap = (struct heap){ 0 };
}

bool heap_is_cached(const struct heap *heap, uint64_t start)
{
	size_t i = address_find(heap->cached, heap->n_cached, start);

	return i < heap->n_cached && heap->cached[i] == start;
}
