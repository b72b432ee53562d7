/* SPDX-License-Identifier: MIT */
#include "pagemap.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "util.h"

/*
 * The target's mmap_lock is held while a piece is walked: one of this size takes a millisecond,
 * all of it resident. Where there is nothing, there is nothing to walk, and address space comes in
 * terabytes: the next piece may be larger.
 */
#define PIECE (UINT64_C(1) << 28)
#define EMPTY_PIECE_MAX (UINT64_C(1) << 32)

#define PAUSE 25000 /* nanoseconds: what a thread on another processor takes to wake up, and little more */

void page_scan_pause(void)
{
	/* Timers mostly have a slack of twice as much. */
	prctl(PR_SET_TIMERSLACK, 1);
	nanosleep(&(struct timespec){ .tv_nsec = PAUSE }, NULL);
}

/* Whether anything was found, or a negative errno. */
static int scan_piece(int fd, uint64_t start, uint64_t end, uint64_t guard, page_scan_fn *take, void *context)
{
	uint64_t page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	struct page_region regions[512];
	struct pm_scan_arg arg = {
		.size = sizeof(arg),
		.end = end,
		.vec = (uintptr_t)regions,
		.vec_len = ARRAY_SIZE(regions),
		.max_pages = PIECE / page_size,
		.category_anyof_mask = PAGE_IS_PRESENT | PAGE_IS_SWAPPED,
		.return_mask = PAGE_IS_PRESENT | PAGE_IS_SWAPPED | PAGE_IS_PFNZERO | PAGE_IS_HUGE | guard,
	};
	uint64_t size = 0;
	int found = 0;
	int n;

	do {
		if (size >= PIECE)
			page_scan_pause();
		arg.start = start;
		size = 0;
		n = ioctl(fd, PAGEMAP_SCAN, &arg);
		if (n < 0)
			return -errno;
		for (int i = 0; i < n; i++) {
			take(context, &regions[i]);
			size += regions[i].end - regions[i].start;
		}
		found |= n;
		/* walk_end can be stale, below what was returned; an answer that is not full is the last one. */
		if (n > 0)
			start = MAX(size >= PIECE ? 0 : arg.walk_end, regions[n - 1].end);
	} while (((size_t)n == ARRAY_SIZE(regions) || size >= PIECE) && start < end);
	return found;
}

int page_scan(int fd, uint64_t start, uint64_t end, uint64_t *guard, page_scan_fn *take, void *context)
{
	uint64_t piece = PIECE;
	int r = 0;

	while (r >= 0 && start < end) {
		uint64_t stop = start + MIN(end - start, piece);

		r = scan_piece(fd, start, stop, *guard, take, context);
		if (r == -EINVAL && *guard) {
			*guard = 0;
			r = scan_piece(fd, start, stop, 0, take, context);
		}
		piece = r > 0 ? PIECE : MIN(piece * 2, EMPTY_PIECE_MAX);
		start = stop;
		if (r > 0 && start < end)
			page_scan_pause();
	}
	return MIN(r, 0);
}
