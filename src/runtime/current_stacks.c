/* SPDX-License-Identifier: MIT */
#include "runtime/current_stacks.h"

#include "base/mem.h"
#include "base/range.h"
#include "model/arena.h"

#define FIBER_GUARD_MAX (64 << 10) /* the largest page size; larger gaps are mostly between parts of heaps */
#define PIECES_MAX 64 /* mappings that such a stack spans; there may be as many threads as mappings */

struct current {
	struct facts *facts;
	size_t n_known; /* blocks that were there before, sorted */
	uint64_t main_start, main_end;
};

static bool is_known(const struct current *c, uint64_t start, uint64_t end)
{
	struct mapping range = { .start = start, .end = end };

	return stack_blocks_overlap(c->facts->blocks, c->n_known, &range);
}

/* The lowest mapping of the memory that mapping `i` is part of, if a guard lies below it; else n_mappings. */
static size_t find_bottom(const struct current *c, size_t i)
{
	const struct facts *facts = c->facts;
	const struct mapping *m = facts->mappings;

	for (size_t n = 0;
	     i > 0 && n < PIECES_MAX && !has_guard_below(facts, i) && m[i - 1].end == m[i].start &&
	     is_nameless(facts, &m[i]) && (m[i - 1].perms & PERM_W);
	     n++)
		i--;
	if (!has_guard_below(facts, i) || m[i - 1].end - m[i - 1].start > FIBER_GUARD_MAX ||
	    m[i].start % arena_room(facts->word_size) == 0)
		return facts->n_mappings;
	return i;
}

/* In most processes all memory above guards is known already: then no stack pointer needs to be read. */
static bool has_room(const struct current *c)
{
	const struct facts *facts = c->facts;

	for (size_t i = 0; i < facts->n_mappings; i++)
		if (has_guard_below(facts, i) && find_bottom(c, i) == i &&
		    !is_known(c, facts->mappings[i - 1].start, facts->mappings[i].end))
			return true;
	return false;
}

static void add_stack_at(struct current *c, uint64_t sp, int32_t tid)
{
	struct facts *facts = c->facts;
	size_t i = sp == UNKNOWN ? facts->n_mappings : facts_find_mapping(facts, sp);
	size_t bottom;
	struct stack_block block;

	if (i == facts->n_mappings || facts->mappings[i].start > sp ||
	    (sp >= c->main_start && sp < c->main_end))
		return;
	bottom = find_bottom(c, i);
	if (bottom == facts->n_mappings)
		return;
	block = (struct stack_block){
		.start = facts->mappings[bottom - 1].start,
		.end = facts->mappings[i].end,
		.guard = facts->mappings[bottom].start - facts->mappings[bottom - 1].start,
		.tid = tid,
		.is_current = true,
	};
	if (is_known(c, block.start, block.end))
		return;
	mem_grow(facts->blocks, facts->n_blocks, facts->cap_blocks);
	facts->blocks[facts->n_blocks++] = block;
}

/*
 * By thread, whether its stack pointer can be trusted. If the C library's control blocks lead to
 * the stacks of a process, a thread without one is just starting or ending: its stack is newer than
 * the map, and what the map shows at that address belonged to another thread.
 */
static bool *find_settled(const struct facts *facts)
{
	bool *is_settled = mem_alloc((facts->n_threads + 1) * sizeof(*is_settled));
	bool has_descriptors = false;

	for (size_t i = 0; i < facts->n_blocks; i++)
		is_settled[facts_find_thread(facts, facts->blocks[i].tid)] = true;
	for (size_t i = 0; i < facts->n_threads; i++)
		has_descriptors |= facts->threads[i].control != UNKNOWN;
	for (size_t i = 0; i < facts->n_threads; i++)
		is_settled[i] |= !has_descriptors || facts->threads[i].tid == facts->process.pid;
	return is_settled;
}

void read_current_stacks(struct source *source, struct facts *facts)
{
	struct current c = { .facts = facts, .n_known = facts->n_blocks };
	_cleanup_free_ bool *is_settled = NULL;

	if (facts->origin != ORIGIN_PROCESS || !has_room(&c))
		return;
	facts_main_stack_range(facts, &c.main_start, &c.main_end);
	/* The thread of a single-threaded process may not have been listed. */
	if (facts->n_threads == 0)
		add_stack_at(&c, source_find_sp(source, facts->process.pid), facts->process.pid);
	is_settled = find_settled(facts);
	for (size_t i = 0; i < facts->n_threads; i++) {
		struct thread *thread = &facts->threads[i];

		if (!is_settled[i])
			continue;
		if (thread->sp == UNKNOWN)
			thread->sp = source_find_sp(source, thread->tid);
		add_stack_at(&c, thread->sp, thread->tid);
	}
	range_sort(facts->blocks, facts->n_blocks, sizeof(*facts->blocks));
	facts->n_blocks = range_cut(facts->blocks, facts->n_blocks, sizeof(*facts->blocks), RANGE_NONE_WINS);
}
