/* SPDX-License-Identifier: MIT */
#include "heap/find_page.h"

struct heads {
	struct memory_part parts[PARTS_MAX];
	unsigned char bytes[PARTS_MAX][PAGE_HEAD];
	size_t n;
};

/* Adds pages from `from` on as long as there is room. Returns where it ended. */
static uint64_t collect(struct heads *heads, const struct page_set *pages, uint64_t page_size, uint64_t from,
			uint64_t to)
{
	struct known_pages run;

	heads->n = 0;
	while (from < to && heads->n < PARTS_MAX && page_set_next(pages, from, to, &run)) {
		for (from = run.start; from < run.end && heads->n < PARTS_MAX && !run.is_swapped;
		     from += page_size, heads->n++)
			heads->parts[heads->n] =
				(struct memory_part){ from, heads->bytes[heads->n], PAGE_HEAD };
		from = run.is_swapped ? run.end : from;
	}
	return heads->n < PARTS_MAX ? to : from;
}

/*
 * Skips pages that the process has unmapped since; a whole batch if its first page cannot be read:
 * a core file has nothing nearby either.
 */
uint64_t find_page(struct source *source, const struct page_set *pages, uint64_t page_size, uint64_t from,
		   uint64_t to, is_page_fn *is_page, void *context)
{
	struct heads heads;

	while (from < to && !pages->is_blind) {
		uint64_t end = collect(&heads, pages, page_size, from, to);
		size_t n = source_read_parts(source, heads.parts, heads.n);

		for (size_t i = 0; i < n; i++)
			if (is_page(context, heads.parts[i].addr, heads.bytes[i]))
				return heads.parts[i].addr;
		from = n == 0 || n == heads.n ? end : heads.parts[n].addr + page_size;
	}
	return UNKNOWN;
}
