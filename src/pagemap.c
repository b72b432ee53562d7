/* SPDX-License-Identifier: MIT */
#include "pagemap.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "util.h"

/*
 * The target's mmap_lock is held while a piece is walked: one of the usual size takes a millisecond,
 * all of it resident. Where there is nothing, there is nothing to walk, and address space comes in
 * terabytes: the next piece may be larger.
 */
#define EMPTY_PIECE_MAX (UINT64_C(1) << 32)

#define PAUSE 25000 /* nanoseconds: what a thread on another processor takes to wake up, and little more */

struct page_scan page_scan_begin(int fd)
{
	return (struct page_scan){ .fd = fd, .guard = PAGE_IS_GUARD };
}

void page_scan_pause(struct page_scan *scan)
{
	/* Timers mostly have a slack of twice as much. */
	prctl(PR_SET_TIMERSLACK, 1);
	nanosleep(&(struct timespec){ .tv_nsec = PAUSE }, NULL);
	scan->found = 0;
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

static int scan_piece(struct page_scan *scan, uint64_t start, uint64_t end, page_scan_fn *take, void *context)
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

	while (is_full && start < end) {
		bool has_most;
		int n;

		if (scan->found >= PAGE_SCAN_PIECE)
			page_scan_pause(scan);
		arg.start = start;
		arg.max_pages = (PAGE_SCAN_PIECE - scan->found + page_size - 1) / page_size;
		n = ioctl(scan->fd, PAGEMAP_SCAN, &arg);
		if (n < 0)
			return -errno;
		scan->found += take_all(regions, (size_t)n, take, context);
		has_most = scan->found >= PAGE_SCAN_PIECE;
		is_full = (size_t)n == ARRAY_SIZE(regions) || has_most;
		/* walk_end can be stale, below what was returned; an answer that is not full is the last one. */
		if (n > 0)
			start = MAX(has_most ? 0 : arg.walk_end, regions[n - 1].end);
	}
	return 0;
}

int page_scan_piece(struct page_scan *scan, uint64_t start, uint64_t end, page_scan_fn *take, void *context)
{
	int r = scan_piece(scan, start, end, take, context);

	if (r == -EINVAL && scan->guard) {
		scan->guard = 0;
		r = scan_piece(scan, start, end, take, context);
	}
	return r;
}

int page_scan(struct page_scan *scan, uint64_t start, uint64_t end, page_scan_fn *take, void *context)
{
	uint64_t piece = PAGE_SCAN_PIECE;
	int r = 0;

	while (r == 0 && start < end) {
		uint64_t stop = start + MIN(end - start, piece);
		uint64_t before = scan->found;

		r = page_scan_piece(scan, start, stop, take, context);
		piece = scan->found != before ? PAGE_SCAN_PIECE : MIN(piece * 2, EMPTY_PIECE_MAX);
		start = stop;
	}
	return r;
}
