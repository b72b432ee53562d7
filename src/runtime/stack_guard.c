/* SPDX-License-Identifier: MIT */
#include "runtime/stack_guard.h"

#include "base/mem.h"
#include "base/range.h"

struct guard_search {
	struct facts *facts;
	size_t first; /* index of the mapping's first guard */
};

static void take_guard(void *context, const struct page_region *region)
{
	const struct guard_search *search = context;
	struct facts *facts = search->facts;

	if (!(region->categories & PAGE_IS_GUARD))
		return;
	if (facts->n_hidden_guards > search->first &&
	    facts->hidden_guards[facts->n_hidden_guards - 1].end == region->start) {
		facts->hidden_guards[facts->n_hidden_guards - 1].end = region->end;
		return;
	}
	mem_grow(facts->hidden_guards, facts->n_hidden_guards, facts->cap_hidden_guards);
	facts->hidden_guards[facts->n_hidden_guards++] =
		(struct hidden_guard){ .start = region->start, .end = region->end };
}

void stack_find_hidden_guards(struct source *source, struct facts *facts, const struct mapping *m)
{
	struct guard_search search = { .facts = facts, .first = facts->n_hidden_guards };
	struct page_range range = { .start = m->start, .end = m->end };

	if (source_walk_pages(source, &range, 1, false, take_guard, &search) < 0)
		facts->n_hidden_guards = search.first;
	for (size_t i = search.first; i < facts->n_hidden_guards; i++)
		facts->hidden_guards[i].top =
			i + 1 < facts->n_hidden_guards ? facts->hidden_guards[i + 1].start : m->end;
}

const struct hidden_guard *stack_hidden_guard_below(const struct facts *facts, uint64_t addr)
{
	size_t i =
		range_find(facts->hidden_guards, facts->n_hidden_guards, sizeof(*facts->hidden_guards), addr);

	return i > 0 && addr < facts->hidden_guards[i - 1].top ? &facts->hidden_guards[i - 1] : NULL;
}

/* Whether a mapping without access is the rest of the room of a malloc arena's heap. */
static bool is_rest_of_heap(const struct facts *facts, const struct mapping *m)
{
	uint64_t room = arena_room(facts->word_size);

	return m > facts->mappings && m->end % room == 0 && m[-1].end == m->start &&
	       is_nameless(facts, m - 1) && m[-1].start <= m->end - room && m[-1].end > m->end - room;
}

/*
 * The library knows no guard of a stack that the program has provided itself. But the program may
 * have put one below the stack or into its lowest pages, with or without a mapping of its own.
 */
void stack_add_guard(struct source *source, const struct facts *facts, struct stack_block *block)
{
	const struct mapping *m = &facts->mappings[facts_find_mapping(facts, block->start)];
	uint64_t page = facts->page_size;
	uint64_t at = page_ceil(block->start, page);
	uint64_t n = 0;

	if (block->guard > 0)
		return;
	if (!has_access(m->perms) && m->end < block->end) {
		block->guard = m->end - block->start;
		return;
	}
	if (block->start == m->start && m > facts->mappings && m[-1].end == m->start &&
	    (is_nameless(facts, m - 1) || m[-1].object == m->object) && !has_access(m[-1].perms) &&
	    m[-1].end - m[-1].start <= GUARD_MAX && !is_rest_of_heap(facts, m - 1)) {
		block->start = m[-1].start;
		block->guard = m->start - block->start;
		return;
	}
	while (n < GUARD_MAX && at + n < block->end && source_is_guard(source, at + n))
		n += page;
	if (n > 0) {
		block->guard = at + n - block->start;
		return;
	}
	at = page_floor(block->start, page);
	while (n < GUARD_MAX && at - n > m->start && source_is_guard(source, at - n - page))
		n += page;
	if (n > 0) {
		block->guard = block->start - (at - n);
		block->start = at - n;
	}
}
