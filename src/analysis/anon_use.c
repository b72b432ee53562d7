/* SPDX-License-Identifier: MIT */
#include "analysis/anon_use.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void add(struct addrspace *as, uint64_t start, uint64_t end, enum kind kind, enum basis basis,
		int32_t tid)
{
	if (start >= end)
		return;
	mem_grow(as->extents, as->n_extents, as->cap_extents);
	as->extents[as->n_extents++] = (struct extent){ start, end, kind, basis, tid };
}

static void add_stack(struct addrspace *as, uint64_t start, uint64_t guard, uint64_t end, enum basis basis,
		      int32_t tid)
{
	add(as, start, start + guard, KIND_GUARD, basis, tid);
	add(as, start + guard, end, KIND_STACK, basis, tid);
}

/* With the room that it has left. */
static void add_heap(struct addrspace *as, uint64_t start, uint64_t end, enum basis basis, int32_t tid)
{
	add(as, start, end, KIND_HEAP, basis, tid);
	add(as, end, start + arena_room(as), KIND_RESERVED, basis, tid);
}

/* ---- shapes, where memory may not be read ---- */

static bool is_taken(const struct addrspace *as, const struct mapping *m)
{
	if (stack_blocks_overlap(as->blocks, as->n_blocks, m))
		return true;
	for (size_t i = 0; i < as->n_heaps; i++)
		if (as->heaps[i].start < m->end && as->heaps[i].end > m->start)
			return true;
	return false;
}

/*
 * A stack that a thread left behind is as large as those of the living, guard and all: threads
 * of one program mostly have stacks of one size.
 */
static bool is_like_a_stack(const struct addrspace *as, size_t i)
{
	const struct mapping *m = &as->mappings[i];

	if (!has_guard_below(as, i))
		return false;
	for (size_t k = 0; k < as->n_blocks; k++) {
		const struct stack_block *block = &as->blocks[k];

		if (block->guard > 0 && block->guard == m->start - m[-1].start &&
		    block->end - block->start == m->end - m[-1].start)
			return true;
	}
	return false;
}

/*
 * An arena's heap begins at a multiple of its room and, until it is full, is followed by the
 * rest of it without access, to the byte.
 */
static bool is_like_a_heap(const struct addrspace *as, size_t i)
{
	const struct mapping *m = &as->mappings[i];
	uint64_t room = arena_room(as);

	return m->start % room == 0 && i + 1 < as->n_mappings && is_nameless(as, m) &&
	       (m->perms & (PERM_R | PERM_W | PERM_X)) == (PERM_R | PERM_W) && m->end == m[1].start &&
	       is_nameless(as, m + 1) && !(m[1].perms & (PERM_R | PERM_W | PERM_X)) &&
	       m[1].end == m->start + room;
}

/* Only glibc makes such heaps. */
static bool has_glibc(const struct addrspace *as)
{
	for (size_t i = 0; i < as->n_modules; i++) {
		const struct object *object = as->objects[as->modules[i].object];
		const char *slash = object->name ? strrchr(object->name, '/') : NULL;

		if (slash && strncmp(slash, "/libc.so.6", strlen("/libc.so.6")) == 0)
			return true;
	}
	return false;
}

static void add_shapes(struct addrspace *as)
{
	bool knows_heaps = as->can_read_memory || !has_glibc(as);

	/* Without a stack that is known there is none to be like. */
	if (as->n_blocks == 0 && knows_heaps)
		return;
	for (size_t i = 0; i < as->n_mappings; i++) {
		const struct mapping *m = &as->mappings[i];

		if (is_like_a_stack(as, i) && !is_taken(as, m))
			add_stack(as, m[-1].start, m->start - m[-1].start, m->end, BASIS_PATTERN, NO_TID);
		else if (!knows_heaps && is_like_a_heap(as, i) && !is_taken(as, m))
			add_heap(as, m->start, m->end, BASIS_PATTERN, NO_TID);
	}
}

/* ---- all of them, in order ---- */

static int compare_extents(const void *a, const void *b)
{
	const struct extent *x = a;
	const struct extent *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

/* A stack inside a heap is the more particular: what surrounds it goes on after it. */
static void make_disjoint(struct addrspace *as)
{
	for (size_t i = 0; i + 1 < as->n_extents; i++) {
		struct extent *outer = &as->extents[i];
		struct extent inner = as->extents[i + 1];
		uint64_t end = outer->end;

		if (end <= inner.start)
			continue;
		outer->end = inner.start;
		if (inner.end < end) {
			add(as, inner.end, end, outer->kind, outer->basis, outer->tid);
			qsort(as->extents + i + 1, as->n_extents - i - 1, sizeof(*as->extents),
			      compare_extents);
		}
	}
}

void find_extents(struct addrspace *as)
{
	for (size_t i = 0; i < as->n_blocks; i++) {
		const struct stack_block *block = &as->blocks[i];

		add_stack(as, block->start, block->guard, block->end, BASIS_THREAD, block->tid);
	}
	for (size_t i = 0; i < as->n_heaps; i++)
		add_heap(as, as->heaps[i].start, as->heaps[i].end, BASIS_THREAD, as->heaps[i].tid);
	add_shapes(as);
	mem_sort(as->extents, as->n_extents, sizeof(*as->extents), compare_extents);
	make_disjoint(as);
}
