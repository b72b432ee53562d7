/* SPDX-License-Identifier: MIT */
#include "heap/roots.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/range.h"
#include "heap/heap_memory.h"

#define RED_ZONE 128 /* bytes below the stack pointer that a function may use (x86-64 psABI) */

#define CONTROL_BLOCK 0x1000 /* bytes at the end of a stack in which glibc's struct pthread begins */

struct list {
	struct root *items;
	size_t n, cap;
};

static void add(struct list *list, uint64_t start, uint64_t end, bool is_optional)
{
	if (start >= end)
		return;
	mem_grow(list->items, list->n, list->cap);
	list->items[list->n++] = (struct root){ start, end, is_optional };
}

/* ---- what is scanned ---- */

static bool is_root(const struct region *region, unsigned perms)
{
	static const unsigned with_pointers = 1u << KIND_DATA | 1u << KIND_BSS | 1u << KIND_RELRO |
					      1u << KIND_HEAP | 1u << KIND_STACK | 1u << KIND_ANON |
					      1u << KIND_JIT | 1u << KIND_SHM;

	if (!(perms & PERM_R))
		return false;
	return with_pointers >> region->kind & 1 ||
	       (region->kind == KIND_FILE && (perms & (PERM_W | PERM_SHARED)) == PERM_W);
}

static void add_regions(const struct space *space, struct list *list)
{
	const struct facts *facts = &space->facts;

	for (size_t i = 0; i < space->judgement.n_regions; i++) {
		const struct region *region = &space->judgement.regions[i];
		const struct mapping *m = &facts->mappings[region->mapping];

		if (is_root(region, m->perms) && !is_above_user_space(region->end))
			add(list, region->start, region->end, has_offset(mapping_object(facts, m)));
	}
}

/* ---- what is not ---- */

static void add_malloc(const struct heap *heap, const struct block_index *index, struct list *list)
{
	for (size_t i = 0; i < index->n_spans; i++)
		add(list, index->spans[i].start, index->spans[i].end, false);
	for (size_t i = 0; i < heap->n_arenas; i++)
		if (heap->arenas[i].address != UNKNOWN)
			add(list, heap->arenas[i].address,
			    heap->arenas[i].address + heap->arenas[i].state_size, false);
}

/* The current stack pointer if the source can tell it, else the one read before. */
static uint64_t find_sp(struct source *source, const struct thread *thread)
{
	return source->ops->find_sp ? source_find_sp(source, thread->tid) : thread->sp;
}

static void add_unused_stack(struct source *source, const struct space *space, struct list *list)
{
	for (size_t i = 0; i < space->facts.n_threads; i++) {
		const struct stack_range *stack = &space->judgement.stacks[i];
		uint64_t sp = find_sp(source, &space->facts.threads[i]);

		if (stack->start != UNKNOWN && sp != UNKNOWN && sp >= stack->start + RED_ZONE &&
		    sp < stack->end)
			add(list, stack->start, sp - RED_ZONE, false);
	}
}

/*
 * Where struct pthread begins at the end of a stack: on x86 its first and third words are its own
 * address. If it is not found: the lowest address where it may begin.
 */
static uint64_t find_control(struct source *source, const struct facts *facts, uint64_t end)
{
	uint64_t start = end - CONTROL_BLOCK;
	unsigned char bytes[CONTROL_BLOCK];
	ssize_t n = source_read_memory(source, start, bytes, sizeof(bytes));
	size_t size = facts->word_size;

	for (size_t i = 0; i + 3 * size <= (size_t)MAX(n, 0); i += 16)
		if (heap_word(bytes + i, size) == start + i &&
		    heap_word(bytes + i + 2 * size, size) == start + i)
			return start + i;
	return start;
}

/* If some are unknown, what looks like the stack of an ended thread may be that of a living one. */
static bool knows_all_controls(const struct facts *facts)
{
	for (size_t i = 0; i < facts->n_threads; i++)
		if (facts->threads[i].control == UNKNOWN)
			return false;
	return true;
}

/*
 * An ended thread leaves what its control block has to the thread that joins it, or to the next one
 * that gets the stack.
 */
static void add_ended(struct source *source, const struct facts *facts, struct list *list)
{
	if (!knows_all_controls(facts))
		return;
	for (size_t i = 0; i < facts->n_blocks; i++) {
		const struct stack_block *block = &facts->blocks[i];

		if (block->tid == NO_TID && !block->is_current && block->end - block->start > CONTROL_BLOCK)
			add(list, block->start, find_control(source, facts, block->end), false);
	}
}

/* ---- the difference ---- */

static struct list subtract(const struct list *all, const struct list *without)
{
	struct list rest = { 0 };
	size_t first = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct root *root = &all->items[i];
		uint64_t at = root->start;

		while (first < without->n && without->items[first].end <= at)
			first++;
		for (size_t k = first; k < without->n && without->items[k].start < root->end; k++) {
			add(&rest, at, MIN(without->items[k].start, root->end), root->is_optional);
			at = MAX(at, without->items[k].end);
		}
		add(&rest, at, root->end, root->is_optional);
	}
	return rest;
}

struct root *find_roots(struct source *source, const struct space *space, const struct heap *heap,
			const struct block_index *index, size_t *ret_n)
{
	struct list all = { 0 };
	struct list without = { 0 };
	struct list rest;

	add_regions(space, &all);
	add_malloc(heap, index, &without);
	add_unused_stack(source, space, &without);
	add_ended(source, &space->facts, &without);
	range_sort(without.items, without.n, sizeof(*without.items));
	rest = subtract(&all, &without);
	free(all.items);
	free(without.items);
	*ret_n = rest.n;
	return rest.items;
}
