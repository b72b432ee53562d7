/* SPDX-License-Identifier: MIT */
#include "pages/count.h"

#include <errno.h>

#include "pages/walk.h"

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

/* Ranges that are looked at together, from one index to before another. */
struct cluster {
	size_t first, end;
	uint64_t size; /* of the ranges alone */
};

static uint64_t range_size(const struct page_range *range)
{
	return range->end - range->start;
}

/*
 * Those that are close to each other. Where there is nothing between them, as between all that a process has
 * mapped, to look at what is not there takes no time: then, as much as one scan may walk.
 */
static struct cluster next_cluster(const struct counter *c, size_t first, bool is_whole_map,
				   uint64_t size_max)
{
	struct cluster cluster = { first, first + 1, range_size(&c->ranges[first]) };
	size_t n = MIN(c->n, first + RANGES_MAX);

	for (; cluster.end < n; cluster.end++) {
		const struct page_range *next = &c->ranges[cluster.end];

		if (is_whole_map ? cluster.size + range_size(next) > size_max || next->end > INT64_MAX :
				   next->start - next[-1].end > GAP_PAGES * c->page_size)
			break;
		cluster.size += range_size(next);
	}
	return cluster;
}

/* Where the page map cannot be scanned it is read, but for the ranges of a whole map. */
static int count_cluster(struct counter *c, struct page_scan *scan, const struct cluster *cluster,
			 bool is_whole_map, bool *can_scan)
{
	uint64_t start = page_floor(c->ranges[cluster->first].start, c->page_size);
	uint64_t end = page_ceil(c->ranges[cluster->end - 1].end, c->page_size);
	int r;

	/* The vsyscall page, at the very top, is in no page table of the process. */
	if (end > INT64_MAX)
		return 0;
	if (!*can_scan)
		return read_words(c, start, end);
	if (is_whole_map && cluster->size <= scan->piece)
		r = page_scan_piece(scan, start, end, cluster->size, count_region, c);
	else
		r = page_scan(scan, start, end, count_region, c);
	if ((r != -ENOTTY && r != -EINVAL) || is_whole_map)
		return r;
	*can_scan = false;
	return read_words(c, start, end);
}

int read_pages(struct proc *proc, uint64_t page_size, struct page_range *ranges, size_t n, bool is_whole_map)
{
	int fd = proc_page_map(proc);
	struct counter c = { .fd = fd, .page_size = page_size, .ranges = ranges, .n = n };
	struct page_scan scan = page_scan_begin(fd);
	struct cluster cluster = { 0 };
	size_t pause = RANGES_MAX; /* no range of this index or above without one */
	bool can_scan = true;
	int r = fd < 0 ? fd : 0;

	for (size_t i = 0; i < n; i++)
		ranges[i].resident = ranges[i].swapped = 0;
	while (r == 0 && cluster.end < n) {
		cluster = next_cluster(&c, cluster.end, is_whole_map, scan.piece);
		if (cluster.end > pause) {
			page_scan_pause(&scan);
			pause = cluster.first + RANGES_MAX;
		}
		r = count_cluster(&c, &scan, &cluster, is_whole_map, &can_scan);
	}
	return r;
}
