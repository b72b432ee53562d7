/* SPDX-License-Identifier: MIT */
#include "analysis/anon_use.h"

#include <string.h>

#include "base/mem.h"
#include "base/range.h"

static void add(struct judgement *judgement, uint64_t start, uint64_t end, enum kind kind, enum basis basis,
		int32_t tid)
{
	if (start >= end)
		return;
	mem_grow(judgement->anon_uses, judgement->n_anon_uses, judgement->cap_anon_uses);
	judgement->anon_uses[judgement->n_anon_uses++] = (struct anon_use){ start, end, kind, basis, tid };
}

static void add_stack(struct judgement *judgement, uint64_t start, uint64_t guard, uint64_t end,
		      enum basis basis, int32_t tid)
{
	add(judgement, start, start + guard, KIND_GUARD, basis, tid);
	add(judgement, start + guard, end, KIND_STACK, basis, tid);
}

/* Adds a heap, and the room above it that it has left. */
static void add_heap(struct judgement *judgement, uint64_t room, uint64_t start, uint64_t end,
		     enum basis basis, int32_t tid)
{
	add(judgement, start, end, KIND_HEAP, basis, tid);
	add(judgement, end, start + room, KIND_RESERVED, basis, tid);
}

/* ---- shapes, without metadata ---- */

static bool is_taken(const struct facts *facts, const struct mapping *m)
{
	size_t i = range_find(facts->heaps, facts->n_heaps, sizeof(*facts->heaps), m->start);

	return stack_blocks_overlap(facts->blocks, facts->n_blocks, m) ||
	       (i < facts->n_heaps && facts->heaps[i].start < m->end);
}

struct stack_shape {
	uint64_t guard, size; /* the guard included */
};

static int compare_shapes(const void *a, const void *b)
{
	const struct stack_shape *x = a;
	const struct stack_shape *y = b;

	if (x->guard != y->guard)
		return x->guard > y->guard ? 1 : -1;
	return (x->size > y->size) - (x->size < y->size);
}

/* The shapes of stacks that have a guard, sorted. The caller frees them. */
static struct stack_shape *collect_shapes(const struct facts *facts, size_t *ret_n)
{
	struct stack_shape *shapes = mem_array(facts->n_blocks, sizeof(*shapes));
	size_t n = 0;

	for (size_t i = 0; i < facts->n_blocks; i++) {
		const struct stack_block *block = &facts->blocks[i];

		if (block->guard > 0 && !block->is_current)
			shapes[n++] = (struct stack_shape){ block->guard, block->end - block->start };
	}
	mem_sort(shapes, n, sizeof(*shapes), compare_shapes);
	*ret_n = n;
	return shapes;
}

/*
 * A stack that an exited thread left behind has the size and guard of a running thread's: threads
 * of one program mostly have stacks of one size.
 */
static bool is_like_a_stack(const struct facts *facts, size_t i, const struct stack_shape *shapes, size_t n)
{
	const struct mapping *m = &facts->mappings[i];
	struct stack_shape shape;

	if (!has_guard_below(facts, i))
		return false;
	shape = (struct stack_shape){ m->start - m[-1].start, m->end - m[-1].start };
	return bsearch(&shape, shapes, n, sizeof(shape), compare_shapes) != NULL;
}

/*
 * Like is_like_a_stack(), for guards without a mapping: such a stack reaches up to the next guard,
 * or to the end of its mapping.
 */
static bool is_like_a_hidden_stack(const struct hidden_guard *guard, const struct stack_shape *shapes,
				   size_t n)
{
	const struct stack_shape shape = { guard->end - guard->start, guard->top - guard->start };

	return bsearch(&shape, shapes, n, sizeof(shape), compare_shapes) != NULL;
}

static void add_hidden_shapes(const struct facts *facts, struct judgement *judgement,
			      const struct stack_shape *shapes, size_t n)
{
	for (size_t i = 0; i < facts->n_hidden_guards; i++) {
		const struct hidden_guard *guard = &facts->hidden_guards[i];
		struct mapping range = { .start = guard->start, .end = guard->top };

		if (is_like_a_hidden_stack(guard, shapes, n) && !is_taken(facts, &range))
			add_stack(judgement, guard->start, guard->end - guard->start, guard->top,
				  BASIS_PATTERN, NO_TID);
	}
}

/*
 * An arena's heap begins at a multiple of its room. Until it is full, the rest of the room follows
 * exactly, as memory without access.
 */
static bool is_like_a_heap(const struct facts *facts, size_t i)
{
	const struct mapping *m = &facts->mappings[i];
	uint64_t room = arena_room(facts->word_size);

	return i + 1 < facts->n_mappings && arena_heap_fills_room(m->start, m->end, m[1].end, room) &&
	       is_nameless(facts, m) && (m->perms & (PERM_R | PERM_W | PERM_X)) == (PERM_R | PERM_W) &&
	       m->end == m[1].start && is_nameless(facts, m + 1) && !has_access(m[1].perms);
}

/* Only glibc makes such heaps. */
static bool has_glibc(const struct facts *facts, const struct judgement *judgement)
{
	for (size_t i = 0; i < judgement->n_modules; i++) {
		const struct object *object = facts->objects[judgement->modules[i].object];
		const char *slash = object->name ? strrchr(object->name, '/') : NULL;

		if (slash && strncmp(slash, "/libc.so.6", strlen("/libc.so.6")) == 0)
			return true;
	}
	return false;
}

static void add_shapes(const struct facts *facts, struct judgement *judgement)
{
	bool knows_heaps = facts->knows_heaps || !has_glibc(facts, judgement);
	_cleanup_free_ struct stack_shape *shapes = NULL;
	size_t n_shapes;

	shapes = collect_shapes(facts, &n_shapes);
	/* With no known stack there is no shape to compare with. */
	if (n_shapes == 0 && knows_heaps)
		return;
	for (size_t i = 0; i < facts->n_mappings; i++) {
		const struct mapping *m = &facts->mappings[i];

		if (is_like_a_stack(facts, i, shapes, n_shapes) && !is_taken(facts, m))
			add_stack(judgement, m[-1].start, m->start - m[-1].start, m->end, BASIS_PATTERN,
				  NO_TID);
		else if (!knows_heaps && is_like_a_heap(facts, i) && !is_taken(facts, m))
			add_heap(judgement, arena_room(facts->word_size), m->start, m->end, BASIS_PATTERN,
				 NO_TID);
	}
	add_hidden_shapes(facts, judgement, shapes, n_shapes);
}

/* ---- where nothing has a name ---- */

static void add_inferred(const struct facts *facts, struct judgement *judgement)
{
	for (size_t i = 0; i < facts->n_inferred; i++)
		add(judgement, facts->inferred[i].start, facts->inferred[i].end, facts->inferred[i].kind,
		    BASIS_PATTERN, NO_TID);
}

/* ---- all of them, in order ---- */

/* A stack inside a heap takes precedence: the heap continues after it. */
static void make_disjoint(struct judgement *judgement)
{
	size_t n = judgement->n_anon_uses;

	range_sort(judgement->anon_uses, n, sizeof(*judgement->anon_uses));
	if (range_are_disjoint(judgement->anon_uses, n, sizeof(*judgement->anon_uses)))
		return;
	judgement->cap_anon_uses = 2 * n;
	judgement->anon_uses = mem_realloc(judgement->anon_uses, 2 * n, sizeof(*judgement->anon_uses));
	judgement->n_anon_uses = range_split(judgement->anon_uses, n, sizeof(*judgement->anon_uses));
}

void find_anon_uses(const struct facts *facts, struct judgement *judgement)
{
	add_inferred(facts, judgement);
	/* A stack takes precedence over a heap in the same range: it is added later. */
	for (size_t i = 0; i < facts->n_heaps; i++)
		add_heap(judgement, arena_room(facts->word_size), facts->heaps[i].start, facts->heaps[i].end,
			 BASIS_THREAD, facts->heaps[i].tid);
	for (size_t i = 0; i < facts->n_blocks; i++) {
		const struct stack_block *block = &facts->blocks[i];

		add_stack(judgement, block->start, block->guard, block->end,
			  block->is_current ? BASIS_PATTERN : BASIS_THREAD, block->tid);
	}
	add_shapes(facts, judgement);
	make_disjoint(judgement);
}
