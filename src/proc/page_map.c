/* SPDX-License-Identifier: MIT */
#include "proc/page_map.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/util.h"

/* The target's mmap_lock is held during a scan; finding this many bytes takes a millisecond. */
#define FOUND_MAX (UINT64_C(1) << 28)

/*
 * A range without pages mostly has no page tables to walk either, even if it is terabytes of
 * address space; but empty page tables may be left. So the time that a piece takes decides how
 * large the next one may be.
 */
#define PIECE_MIN (UINT64_C(1) << 28)
#define PIECE_MAX (UINT64_C(1) << 36)
#define SHORT 100000 /* nanoseconds */
#define LONG 1000000

/*
 * In the word of a swapped page, the bits with the swap area (SWP_PTE_MARKER in the kernel's
 * linux/swap.h).
 */
#define AREA UINT64_C(31)
#define NO_AREA UINT64_C(31)

#define PAUSE 25000 /* nanoseconds: a little more than a thread on another processor takes to wake up */

void page_walk_init(struct page_walk *walk, int fd, bool has_swap)
{
	*walk = (struct page_walk){
		.fd = fd, .has_swap = has_swap, .guard = PAGE_IS_GUARD, .piece = PIECE_MIN
	};
}

/* ---- word by word ---- */

/*
 * If userfaultfd(2) protects a page that is not there, the kernel leaves a marker in its place,
 * which looks like a swapped page. The marker has no swap area. Without permission to see the area,
 * a marker can be recognised only if the process has no swapped pages at all.
 */
static bool is_mark(const struct page_walk *walk, uint64_t word)
{
	if (!(word & PM_SWAPPED) || word & PM_GUARD)
		return false;
	if (word & PM_PFN)
		return (word & AREA) == NO_AREA;
	return word & PM_PROTECTED && !walk->has_swap;
}

ssize_t page_words(const struct page_walk *walk, uint64_t addr, uint64_t *words, size_t n)
{
	uint64_t page_size = system_page_size();
	ssize_t len = pread(walk->fd, words, n * sizeof(*words), (off_t)(addr / page_size * sizeof(*words)));

	for (size_t i = 0; len > 0 && i < (size_t)len / sizeof(*words); i++)
		if (is_mark(walk, words[i]))
			words[i] = 0;
	return len < 0 ? -errno : len / (ssize_t)sizeof(*words);
}

static uint64_t word_categories(uint64_t word)
{
	if (word & PM_GUARD)
		return PAGE_IS_INCOMPLETE | PAGE_IS_GUARD;
	if (word & PM_PRESENT)
		return PAGE_IS_INCOMPLETE | PAGE_IS_PRESENT;
	if (!(word & PM_SWAPPED))
		return 0;
	return PAGE_IS_INCOMPLETE |
	       (word & PM_PROTECTED && !(word & PM_PFN) ? PAGE_IS_UNSURE : PAGE_IS_SWAPPED);
}

static int read_words(const struct page_walk *walk, uint64_t start, uint64_t end, page_walk_fn *take,
		      void *context)
{
	uint64_t page_size = system_page_size();
	struct page_region run = { 0 };
	uint64_t words[512];
	ssize_t n = 1;

	for (; n > 0 && start < end; start += (uint64_t)n * page_size) {
		n = page_words(walk, start, words,
			       MIN(ARRAY_SIZE(words), (size_t)((end - start) / page_size)));
		for (ssize_t i = 0; i < n; i++) {
			uint64_t addr = start + (uint64_t)i * page_size;
			uint64_t categories = word_categories(words[i]);

			if (run.categories && (run.categories != categories || run.end != addr)) {
				take(context, &run);
				run.categories = 0;
			}
			if (!run.categories)
				run = (struct page_region){ addr, addr, categories };
			run.end = addr + page_size;
		}
	}
	if (run.categories)
		take(context, &run);
	return n < 0 ? (int)n : 0;
}

/* ---- scanned ---- */

/*
 * Yields the target's mmap_lock: if it were retaken at once, a thread that waits for it would never
 * get it.
 */
static void take_pause(struct page_walk *walk)
{
	/* By default, timers have twice as much slack. */
	prctl(PR_SET_TIMERSLACK, 1);
	nanosleep(&(struct timespec){ .tv_nsec = PAUSE }, NULL);
	walk->found = 0;
}

/* Whether a scan reports the pages as swapped, but they may be mere markers. */
static bool is_in_question(const struct page_region *region)
{
	return (region->categories & (PAGE_IS_SWAPPED | PAGE_IS_WRITTEN | PAGE_IS_GUARD)) == PAGE_IS_SWAPPED;
}

/* Hands on what was found, and counts its bytes. 0, or a negative errno. */
static int take_all(struct page_walk *walk, const struct page_region *regions, size_t n, page_walk_fn *take,
		    void *context)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		if (is_in_question(&regions[i]))
			r = read_words(walk, regions[i].start, regions[i].end, take, context);
		else
			take(context, &regions[i]);
		walk->found += regions[i].end - regions[i].start;
	}
	return r;
}

/* *ret_longest: nanoseconds of the call that took longest. */
static int scan_piece(struct page_walk *walk, uint64_t start, uint64_t end, page_walk_fn *take, void *context,
		      uint64_t *ret_longest)
{
	uint64_t page_size = system_page_size();
	struct page_region regions[512];
	struct pm_scan_arg arg = {
		.size = sizeof(arg),
		.end = end,
		.vec = (uintptr_t)regions,
		.vec_len = ARRAY_SIZE(regions),
		.category_anyof_mask = PAGE_IS_PRESENT | PAGE_IS_SWAPPED,
		.return_mask = PAGE_IS_WRITTEN | PAGE_IS_PRESENT | PAGE_IS_SWAPPED | PAGE_IS_PFNZERO |
			       PAGE_IS_HUGE | walk->guard,
	};
	bool is_full = true;

	*ret_longest = 0;
	while (is_full && start < end) {
		uint64_t begin;
		bool has_most;
		int n, r;

		if (walk->found >= FOUND_MAX)
			take_pause(walk);
		arg.start = start;
		arg.max_pages = (FOUND_MAX - walk->found + page_size - 1) / page_size;
		begin = clock_ns(CLOCK_MONOTONIC);
		n = ioctl(walk->fd, PAGEMAP_SCAN, &arg);
		*ret_longest = MAX(*ret_longest, clock_ns(CLOCK_MONOTONIC) - begin);
		if (n < 0)
			return -errno;
		r = take_all(walk, regions, (size_t)n, take, context);
		if (r < 0)
			return r;
		has_most = walk->found >= FOUND_MAX;
		is_full = (size_t)n == ARRAY_SIZE(regions) || has_most;
		/* walk_end can be stale, below what was returned; an answer that is not full is the last one. */
		if (n > 0)
			start = MAX(has_most ? 0 : arg.walk_end, regions[n - 1].end);
	}
	return 0;
}

static void adapt_piece(struct page_walk *walk, uint64_t size, uint64_t longest)
{
	if (longest > LONG)
		walk->piece = MAX(walk->piece / 4, PIECE_MIN);
	else if (longest < SHORT && size >= walk->piece / 2)
		walk->piece = MIN(walk->piece * 4, PIECE_MAX);
}

/* Scans a range in one piece; `size` bytes of it are mapped. */
static int scan_adapted(struct page_walk *walk, uint64_t start, uint64_t end, uint64_t size,
			page_walk_fn *take, void *context)
{
	uint64_t longest;
	int r = scan_piece(walk, start, end, take, context, &longest);

	if (r == -EINVAL && walk->guard) {
		walk->guard = 0;
		r = scan_piece(walk, start, end, take, context, &longest);
	}
	adapt_piece(walk, size, longest);
	return r;
}

static int scan(struct page_walk *walk, uint64_t start, uint64_t end, page_walk_fn *take, void *context)
{
	int r = 0;

	while (r == 0 && start < end) {
		uint64_t size = MIN(end - start, walk->piece);

		r = scan_adapted(walk, start, start + size, size, take, context);
		start += size;
	}
	return r;
}

/* ---- ranges ---- */

#define GAP_PAGES 128 /* scanning this many takes no longer than another call */
/*
 * How many ranges to scan without a pause: during each one, nobody can change the map; all together
 * take a millisecond.
 */
#define RANGES_MAX 4096

/* Ranges that are scanned together; `end` is the index after the last one. */
struct cluster {
	size_t first, end;
	uint64_t size; /* of the ranges alone */
};

static uint64_t range_size(const struct page_range *range)
{
	return range->end - range->start;
}

/*
 * Groups ranges that are close to each other. If they are a whole map, there is nothing between
 * them, and scanning the gaps takes no time: then the group may be as large as one scan.
 */
static struct cluster next_cluster(const struct page_range *ranges, size_t n, size_t first, bool is_whole_map,
				   uint64_t size_max)
{
	uint64_t gap_max = GAP_PAGES * system_page_size();
	struct cluster cluster = { first, first + 1, range_size(&ranges[first]) };

	n = MIN(n, first + RANGES_MAX);
	for (; cluster.end < n; cluster.end++) {
		const struct page_range *next = &ranges[cluster.end];

		if (is_whole_map ?
			    cluster.size + range_size(next) > size_max || is_above_user_space(next->end) :
			    next->start - next[-1].end > gap_max)
			break;
		cluster.size += range_size(next);
	}
	return cluster;
}

static int walk_cluster(struct page_walk *walk, const struct page_range *ranges,
			const struct cluster *cluster, bool is_whole_map, page_walk_fn *take, void *context)
{
	uint64_t page_size = system_page_size();
	uint64_t start = page_floor(ranges[cluster->first].start, page_size);
	uint64_t end = page_ceil(ranges[cluster->end - 1].end, page_size);
	int r;

	if (is_above_user_space(end))
		return 0;
	if (walk->cannot_scan && !is_whole_map)
		return read_words(walk, start, end, take, context);
	if (is_whole_map && cluster->size <= walk->piece)
		r = scan_adapted(walk, start, end, cluster->size, take, context);
	else
		r = scan(walk, start, end, take, context);
	if ((r != -ENOTTY && r != -EINVAL) || is_whole_map)
		return r;
	walk->cannot_scan = true;
	return read_words(walk, start, end, take, context);
}

int page_walk(struct page_walk *walk, const struct page_range *ranges, size_t n, bool is_whole_map,
	      page_walk_fn *take, void *context)
{
	struct cluster cluster = { 0 };
	size_t pause = RANGES_MAX; /* from this index on, ranges need a pause first */
	int r = walk->fd < 0 ? walk->fd : 0;

	while (r == 0 && cluster.end < n) {
		cluster = next_cluster(ranges, n, cluster.end, is_whole_map, walk->piece);
		if (cluster.end > pause) {
			take_pause(walk);
			pause = cluster.first + RANGES_MAX;
		}
		r = walk_cluster(walk, ranges, &cluster, is_whole_map, take, context);
	}
	return r;
}
