/* SPDX-License-Identifier: MIT */
#include "runtime/stack_guard.h"

/*
 * Without a guard of its own, or with one that leaves no mapping (glibc 2.42), neighbouring
 * stacks are one mapping. Where memory may not be read, the page map still shows such guards:
 * the last one below the block is where the stack begins.
 */
struct guard_search {
	uint64_t start, end;
};

static void take_guard(void *context, const struct page_region *region)
{
	struct guard_search *search = context;

	if (!(region->categories & PAGE_IS_GUARD))
		return;
	if (region->start != search->end)
		search->start = region->start;
	search->end = region->end;
}

bool stack_has_hidden_guard(struct source *source, const struct facts *facts, const struct mapping *m,
			    uint64_t control, struct stack_block *ret)
{
	struct page_range range = { .start = m->start, .end = page_floor(control, facts->page_size) };
	struct guard_search search = { 0 };

	if (!is_nameless(facts, m) || source_walk_pages(source, &range, 1, false, take_guard, &search) < 0 ||
	    search.end == 0)
		return false;
	*ret = (struct stack_block){
		.start = search.start,
		.end = page_ceil(control + 1, facts->page_size),
		.guard = search.end - search.start,
	};
	return true;
}

/* Whether what has no access is the room that a malloc arena's heap has left, up to its end. */
static bool is_rest_of_heap(const struct facts *facts, const struct mapping *m)
{
	uint64_t room = arena_room(facts);

	return m > facts->mappings && m->end % room == 0 && m[-1].end == m->start &&
	       is_nameless(facts, m - 1) && m[-1].start <= m->end - room && m[-1].end > m->end - room;
}

/*
 * A stack that the program has brought itself has no guard that its library knows of, but the
 * program may have put one below it or into its lowest pages, with or without a mapping of its own.
 */
void stack_add_guard(struct source *source, const struct facts *facts, struct stack_block *block)
{
	const struct mapping *m = &facts->mappings[facts_find_mapping(facts, block->start)];
	uint64_t page = facts->page_size;
	uint64_t at = page_ceil(block->start, page);
	uint64_t n = 0;

	if (block->guard > 0)
		return;
	if (is_nameless(facts, m) && !(m->perms & (PERM_R | PERM_W | PERM_X)) && m->end < block->end) {
		block->guard = m->end - block->start;
		return;
	}
	if (block->start == m->start && m > facts->mappings && m[-1].end == m->start &&
	    is_nameless(facts, m - 1) && !(m[-1].perms & (PERM_R | PERM_W | PERM_X)) &&
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
