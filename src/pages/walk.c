/* SPDX-License-Identifier: MIT */
#include "pages/walk.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/util.h"

/* The target's mmap_lock is held while pages are looked at; to find so many bytes takes a millisecond. */
#define FOUND_MAX (UINT64_C(1) << 28)

/*
 * Where nothing is found there is mostly nothing to walk, and address space comes in terabytes; but page tables
 * may be left, empty. How long it took tells how large the next piece may be.
 */
#define PIECE_MIN (UINT64_C(1) << 28)
#define PIECE_MAX (UINT64_C(1) << 36)
#define SHORT 100000 /* nanoseconds */
#define LONG 1000000

#define PAUSE 25000 /* nanoseconds: what a thread on another processor takes to wake up, and little more */

struct page_scan page_scan_begin(int fd)
{
	return (struct page_scan){ .fd = fd, .guard = PAGE_IS_GUARD, .piece = PIECE_MIN };
}

void page_scan_pause(struct page_scan *scan)
{
	/* Timers mostly have a slack of twice as much. */
	prctl(PR_SET_TIMERSLACK, 1);
	nanosleep(&(struct timespec){ .tv_nsec = PAUSE }, NULL);
	scan->found = 0;
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* Hands on what was found, and says how many bytes that is. */
static uint64_t take_all(const struct page_region *regions, size_t n, page_scan_fn *take, void *context)
{
	uint64_t size = 0;

	for (size_t i = 0; i < n; i++) {
		take(context, &regions[i]);
		size += regions[i].end - regions[i].start;
	}
	return size;
}

/* *ret_longest: nanoseconds of the call that took longest. */
static int scan_piece(struct page_scan *scan, uint64_t start, uint64_t end, page_scan_fn *take, void *context,
		      uint64_t *ret_longest)
{
	uint64_t page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	struct page_region regions[512];
	struct pm_scan_arg arg = {
		.size = sizeof(arg),
		.end = end,
		.vec = (uintptr_t)regions,
		.vec_len = ARRAY_SIZE(regions),
		.category_anyof_mask = PAGE_IS_PRESENT | PAGE_IS_SWAPPED,
		.return_mask =
			PAGE_IS_PRESENT | PAGE_IS_SWAPPED | PAGE_IS_PFNZERO | PAGE_IS_HUGE | scan->guard,
	};
	bool is_full = true;

	*ret_longest = 0;
	while (is_full && start < end) {
		uint64_t begin;
		bool has_most;
		int n;

		if (scan->found >= FOUND_MAX)
			page_scan_pause(scan);
		arg.start = start;
		arg.max_pages = (FOUND_MAX - scan->found + page_size - 1) / page_size;
		begin = now();
		n = ioctl(scan->fd, PAGEMAP_SCAN, &arg);
		*ret_longest = MAX(*ret_longest, now() - begin);
		if (n < 0)
			return -errno;
		scan->found += take_all(regions, (size_t)n, take, context);
		has_most = scan->found >= FOUND_MAX;
		is_full = (size_t)n == ARRAY_SIZE(regions) || has_most;
		/* walk_end can be stale, below what was returned; an answer that is not full is the last one. */
		if (n > 0)
			start = MAX(has_most ? 0 : arg.walk_end, regions[n - 1].end);
	}
	return 0;
}

static void adapt_piece(struct page_scan *scan, uint64_t size, uint64_t longest)
{
	if (longest > LONG)
		scan->piece = MAX(scan->piece / 4, PIECE_MIN);
	else if (longest < SHORT && size >= scan->piece / 2)
		scan->piece = MIN(scan->piece * 4, PIECE_MAX);
}

int page_scan_piece(struct page_scan *scan, uint64_t start, uint64_t end, uint64_t size, page_scan_fn *take,
		    void *context)
{
	uint64_t longest;
	int r = scan_piece(scan, start, end, take, context, &longest);

	if (r == -EINVAL && scan->guard) {
		scan->guard = 0;
		r = scan_piece(scan, start, end, take, context, &longest);
	}
	adapt_piece(scan, size, longest);
	return r;
}

int page_scan(struct page_scan *scan, uint64_t start, uint64_t end, page_scan_fn *take, void *context)
{
	int r = 0;

	while (r == 0 && start < end) {
		uint64_t size = MIN(end - start, scan->piece);

		r = page_scan_piece(scan, start, start + size, size, take, context);
		start += size;
	}
	return r;
}
