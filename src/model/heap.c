/* SPDX-License-Identifier: MIT */
#include "model/heap.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
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

struct heap_arena *heap_add_arena(struct heap *heap, enum arena_kind kind, uint64_t address)
{
	mem_grow(heap->arenas, heap->n_arenas, heap->cap_arenas);
	heap->arenas[heap->n_arenas] = (struct heap_arena){ .kind = kind, .address = address };
	return &heap->arenas[heap->n_arenas++];
}

void heap_add_cached(struct heap *heap, uint64_t start)
{
	mem_grow(heap->cached, heap->n_cached, heap->cap_cached);
	heap->cached[heap->n_cached++] = start;
}

bool heap_is_cached(const struct heap *heap, uint64_t start)
{
	size_t i = address_find(heap->cached, heap->n_cached, start);

	return i < heap->n_cached && heap->cached[i] == start;
}

static void add_known(uint64_t *sum, uint64_t value)
{
	*sum = *sum == UNKNOWN || value == UNKNOWN ? UNKNOWN : known_sum(*sum, value);
}

uint64_t heap_walked(const struct heap_arena *arena)
{
	double known = (double)(arena->system - arena->unwalked);

	return arena->unwalked == 0 ? 100 : MIN(99, (uint64_t)(known * 100 / (double)arena->system));
}

void heap_add_up(struct heap *heap)
{
	struct heap_arena *total = &heap->total;

	for (size_t i = 0; i < heap->n_arenas; i++) {
		const struct heap_arena *arena = &heap->arenas[i];

		total->heaps = known_sum(total->heaps, arena->heaps);
		total->system = known_sum(total->system, arena->system);
		total->used = known_sum(total->used, arena->used);
		total->blocks = known_sum(total->blocks, arena->blocks);
		total->cached = known_sum(total->cached, arena->cached);
		total->free = known_sum(total->free, arena->free);
		total->top = known_sum(total->top, arena->top);
		total->unwalked = known_sum(total->unwalked, arena->unwalked);
		add_known(&total->resident, arena->resident);
		add_known(&total->returnable, arena->returnable);
		add_known(&total->pinned, arena->pinned);
		add_known(&total->spare, arena->spare);
	}
	total->walked = heap_walked(total);
}

void block_list_done(struct block_list *list)
{
	for (size_t i = 0; i < list->n_names; i++)
		free(list->names[i]);
	free(list->names);
	free(list->groups);
	*list = (struct block_list){ 0 };
}

int block_group_compare(const struct block_group *a, const struct block_group *b)
{
	int order = (a->size == UNKNOWN) - (b->size == UNKNOWN);

	if (order == 0)
		order = (a->class_name != NULL) - (b->class_name != NULL);
	if (order == 0 && a->class_name)
		order = strcmp(a->class_name, b->class_name);
	return order ? order : (a->size > b->size) - (a->size < b->size);
}
