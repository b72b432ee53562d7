/* SPDX-License-Identifier: MIT */
#include "pages/count.h"

#include <errno.h>
#include <stdbool.h>

struct tally {
	uint64_t page_size;
	struct page_range *ranges;
	size_t n, at; /* ranges[at] is the first that ends above what has been counted */
	bool is_unsure;
};

/* Adds [start, end), which is in one state, to the ranges it lies in. */
static void count(struct tally *c, uint64_t start, uint64_t end, bool is_swapped)
{
	uint64_t page = c->page_size;

	for (uint64_t at = start; at < end && c->at < c->n;) {
		struct page_range *range = &c->ranges[c->at];
		/* Up to the first page that begins at or after the range's end. */
		uint64_t stop = page_ceil(range->end, page);

		if (stop <= at) {
			c->at++;
			continue;
		}
		if (at < range->start)
			at = MIN(end, page_ceil(range->start, page));
		if (at >= stop)
			continue;
		stop = MIN(stop, end);
		if (at < stop)
			*(is_swapped ? &range->swapped : &range->resident) += stop - at;
		at = stop;
	}
}

static void count_region(void *context, const struct page_region *region)
{
	struct tally *c = context;

	c->is_unsure |= (region->categories & PAGE_IS_UNSURE) != 0;
	if (!(region->categories & (PAGE_IS_PFNZERO | PAGE_IS_GUARD)))
		count(context, region->start, region->end, !(region->categories & PAGE_IS_PRESENT));
}

int count_pages(struct source *source, uint64_t page_size, struct page_range *ranges, size_t n,
		bool is_whole_map)
{
	struct tally c = { .page_size = page_size, .ranges = ranges, .n = n };
	int r;

	for (size_t i = 0; i < n; i++)
		ranges[i].resident = ranges[i].swapped = 0;
	r = source_walk_pages(source, ranges, n, is_whole_map, count_region, &c);
	return r == 0 && c.is_unsure ? -ENODATA : r;
}
