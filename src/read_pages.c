/* SPDX-License-Identifier: MIT */
#include "read_pages.h"

#include <errno.h>

#include "pagemap.h"

struct counter {
	int fd;
	uint64_t page_size;
	struct page_range *ranges;
	size_t n, at; /* ranges[at] is the first that ends above what has been counted */
};

/* Adds [start, end), which is in one state, to the ranges it lies in. */
static void count(struct counter *c, uint64_t start, uint64_t end, bool is_swapped)
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
	if (!(region->categories & (PAGE_IS_PFNZERO | PAGE_IS_GUARD)))
		count(context, region->start, region->end, !(region->categories & PAGE_IS_PRESENT));
}

/* The same, word by word. */
static int read_words(struct counter *c, uint64_t start, uint64_t end)
{
	uint64_t words[512];

	while (start < end) {
		size_t pages = MIN(ARRAY_SIZE(words), (size_t)((end - start) / c->page_size));
		ssize_t n = pread(c->fd, words, pages * sizeof(*words),
				  (off_t)(start / c->page_size * sizeof(*words)));

		if (n < (ssize_t)sizeof(*words))
			return n < 0 ? -errno : 0;
		for (size_t i = 0; i < (size_t)n / sizeof(*words); i++, start += c->page_size)
			if (!(words[i] & PM_GUARD) && (words[i] & (PM_PRESENT | PM_SWAPPED)))
				count(c, start, start + c->page_size, !(words[i] & PM_PRESENT));
	}
	return 0;
}

#define GAP_PAGES 128 /* to look at so many in vain takes no longer than another call */
/*
 * Looked at without a pause: each takes time in which nobody may change the map, a millisecond together.
 */
#define RANGES_MAX 4096

/* The ranges from `i` that are close to each other; the index after the last. */
static size_t cluster_end(const struct page_range *ranges, size_t n, size_t i, uint64_t page_size)
{
	n = MIN(n, i + RANGES_MAX);
	while (i + 1 < n && ranges[i + 1].start - ranges[i].end <= GAP_PAGES * page_size)
		i++;
	return i + 1;
}

int read_pages(struct proc *proc, uint64_t page_size, struct page_range *ranges, size_t n, bool scan_only)
{
	int fd = proc_page_map(proc);
	struct counter c = { .fd = fd, .page_size = page_size, .ranges = ranges, .n = n };
	uint64_t guard = PAGE_IS_GUARD;
	bool can_scan = true;
	size_t pause = RANGES_MAX; /* no range of this index or above without one */
	int r = fd < 0 ? fd : 0;

	for (size_t i = 0; i < n; i++)
		ranges[i].resident = ranges[i].swapped = 0;
	for (size_t i = 0, next; i < n && r == 0; i = next) {
		uint64_t start = page_floor(ranges[i].start, page_size);
		uint64_t end;

		next = cluster_end(ranges, n, i, page_size);
		end = page_ceil(ranges[next - 1].end, page_size);
		/* The vsyscall page, at the very top, is in no page table of the process. */
		if (end > INT64_MAX)
			continue;
		if (next > pause) {
			page_scan_pause();
			pause = i + RANGES_MAX;
		}
		if (can_scan)
			r = page_scan(fd, start, end, &guard, count_region, &c);
		if (can_scan && (r == -ENOTTY || r == -EINVAL) && !scan_only)
			can_scan = false;
		if (!can_scan)
			r = read_words(&c, start, end);
	}
	return r;
}
