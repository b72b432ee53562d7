/* SPDX-License-Identifier: MIT */
#include "runtime/stack_finder.h"

#include "base/range.h"
#include "runtime/stack_guard.h"

/* glibc keeps up to 40 MiB of ended threads' stacks: a larger mapping has some only beside stacks in use. */
#define KEPT_MAX (UINT64_C(64) << 20)

static bool scan_mapping(struct finder *f, size_t i)
{
	struct facts *facts = f->facts;
	const struct mapping *m = &facts->mappings[i];

	if (f->is_scanned[i] || !is_nameless(facts, m) || (m->perms & (PERM_R | PERM_W)) != (PERM_R | PERM_W))
		return false;
	f->is_scanned[i] = true;
	stack_find_hidden_guards(f->source, facts, m);
	return true;
}

static void sort_guards(struct facts *facts)
{
	range_sort(facts->hidden_guards, facts->n_hidden_guards, sizeof(*facts->hidden_guards));
}

/*
 * If two threads are above one guard, the lower one's stack begins there; nothing says where the
 * other's does.
 */
static bool has_stack_above_guard(const struct finder *f, uint64_t control, struct stack_block *ret,
				  bool *ret_ends_there)
{
	const struct hidden_guard *guard = stack_hidden_guard_below(f->facts, control);

	if (!guard || stacks_hold_other(f, guard->start, control, control))
		return false;
	*ret = (struct stack_block){
		.start = guard->start,
		.end = page_ceil(control + 1, f->facts->page_size),
		.guard = guard->end - guard->start,
	};
	*ret_ends_there = ret->end == guard->top;
	return true;
}

/*
 * The control block is in the last page of its stack. If the memory above the guard ends with the
 * block's page, so does the stack. If other memory follows, the stack ends there only if the block
 * has the same offset in its page as another thread's: *page_offset.
 */
static void add_above_guards(struct finder *f, bool ends_there, uint64_t *page_offset)
{
	const struct facts *facts = f->facts;

	for (size_t i = 0; i < f->n_unread; i++) {
		const struct thread *thread = &facts->threads[f->unread[i]];
		uint64_t offset = thread->control % facts->page_size;
		struct stack_block block;
		bool ends;

		if (thread->control == UNKNOWN || !has_stack_above_guard(f, thread->control, &block, &ends) ||
		    ends != ends_there || (!ends_there && offset != *page_offset) ||
		    !stacks_confirm(f, f->unread[i]))
			continue;
		*page_offset = offset;
		stacks_add(f, &block, thread->tid);
	}
}

void stacks_read_above_guards(struct finder *f)
{
	struct facts *facts = f->facts;
	uint64_t page_offset = UNKNOWN;

	for (size_t i = 0; i < f->n_unread; i++)
		scan_mapping(f, facts_find_mapping(facts, facts->threads[f->unread[i]].control));
	sort_guards(facts);
	add_above_guards(f, true, &page_offset);
	add_above_guards(f, false, &page_offset);
}

static bool is_hidden(const struct facts *facts, const struct stack_block *block)
{
	size_t i = facts_find_mapping(facts, block->start);

	return block->guard > 0 && i < facts->n_mappings && (facts->mappings[i].perms & (PERM_R | PERM_W));
}

void stacks_find_hidden_guards(struct finder *f)
{
	struct facts *facts = f->facts;
	/* The kernel does not say where the control blocks of 32-bit processes are. */
	bool is_needed = facts->word_size == 4 && facts->n_blocks + 1 < facts->n_threads;
	uint64_t most = is_needed ? UINT64_MAX : KEPT_MAX;
	size_t searches = 0;

	for (size_t i = 0; i < facts->n_blocks; i++)
		if (is_hidden(facts, &facts->blocks[i])) {
			scan_mapping(f, facts_find_mapping(facts, facts->blocks[i].start));
			is_needed = true;
		}
	for (size_t i = 0; is_needed && i < facts->n_mappings && searches < SEARCHES_MAX; i++)
		if (facts->mappings[i].end - facts->mappings[i].start <= most)
			searches += scan_mapping(f, i);
	f->is_cut |= searches >= SEARCHES_MAX;
	sort_guards(facts);
}
