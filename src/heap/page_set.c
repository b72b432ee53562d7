/* SPDX-License-Identifier: MIT */
#include "heap/page_set.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/range.h"

static void take_pages(void *context, const struct page_region *region)
{
	struct page_set *pages = context;
	struct known_pages *last = pages->n > 0 ? &pages->runs[pages->n - 1] : NULL;
	bool is_swapped = !(region->categories & PAGE_IS_PRESENT);

	if (region->categories & (PAGE_IS_GUARD | PAGE_IS_PFNZERO) ||
	    !(region->categories & (PAGE_IS_PRESENT | PAGE_IS_SWAPPED)))
		return;
	if (last && last->end == region->start && last->is_swapped == is_swapped) {
		last->end = region->end;
		return;
	}
	mem_grow(pages->runs, pages->n, pages->cap);
	pages->runs[pages->n++] = (struct known_pages){ region->start, region->end, is_swapped };
}

void page_set_read(struct page_set *pages, struct source *source, const struct page_range *ranges, size_t n)
{
	int r;

	*pages = (struct page_set){ 0 };
	r = source_walk_pages(source, ranges, n, false, take_pages, pages);
	pages->is_known = r == 0;
	pages->is_blind = r < 0 && r != -ENOTSUP;
}

static void take_dumped(struct page_set *pages, const struct facts *facts, uint64_t start, uint64_t end)
{
	struct known_pages run = { 0 };

	for (; facts_next_dumped(facts, start, end, &run.start, &run.end); start = run.end) {
		mem_grow(pages->runs, pages->n, pages->cap);
		pages->runs[pages->n++] = run;
	}
	pages->is_known = true;
}

void page_set_read_range(struct page_set *pages, struct source *source, const struct facts *facts,
			 uint64_t start, uint64_t end)
{
	struct page_range range = { .start = start, .end = end };

	page_set_read(pages, source, &range, 1);
	if (!pages->is_known && !pages->is_blind && facts->origin == ORIGIN_CORE)
		take_dumped(pages, facts, start, end);
}

void page_set_done(struct page_set *pages)
{
	free(pages->runs);
	*pages = (struct page_set){ 0 };
}

bool page_set_next(const struct page_set *pages, uint64_t from, uint64_t to, struct known_pages *ret)
{
	size_t i;

	if (!pages->is_known) {
		*ret = (struct known_pages){ .start = from, .end = to };
		return from < to;
	}
	i = range_find(pages->runs, pages->n, sizeof(*pages->runs), from);
	if (i == pages->n || pages->runs[i].start >= to)
		return false;
	*ret = pages->runs[i];
	ret->start = MAX(ret->start, from);
	ret->end = MIN(ret->end, to);
	return true;
}
