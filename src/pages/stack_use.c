/* SPDX-License-Identifier: MIT */
#include "pages/stack_use.h"

#include "base/mem.h"

static void take_lowest(void *context, const struct page_region *region)
{
	uint64_t *lowest = context;

	if (*lowest == UNKNOWN && !(region->categories & PAGE_IS_GUARD))
		*lowest = region->start;
}

void read_stack_use(struct source *source, const struct space *space, struct answers *answers)
{
	const struct facts *facts = &space->facts;

	answers->lowest = mem_array(facts->n_threads, sizeof(*answers->lowest));
	for (size_t i = 0; i < facts->n_threads; i++) {
		const struct stack_range *stack = &space->judgement.stacks[i];
		struct page_range range = {
			.start = page_ceil(stack->start, facts->page_size),
			.end = page_floor(stack->end, facts->page_size),
		};

		answers->lowest[i] = UNKNOWN;
		if (facts->threads[i].sp == UNKNOWN && stack->start != UNKNOWN && range.start < range.end)
			source_walk_pages(source, &range, 1, false, take_lowest, &answers->lowest[i]);
	}
}
