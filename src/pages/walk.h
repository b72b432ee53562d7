/* SPDX-License-Identifier: MIT */
/*
 * The kernel's interface to the page map (Documentation/admin-guide/mm/pagemap.rst), as far as
 * it is newer than the headers that memmap is built with.
 */
#pragma once

#include <linux/ioctl.h>
#include <stdint.h>

/* ioctl PAGEMAP_SCAN on /proc/PID/pagemap, since Linux 6.7 (include/uapi/linux/fs.h) */
struct page_region {
	uint64_t start, end, categories;
};

struct pm_scan_arg {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};

#define PAGEMAP_SCAN _IOWR('f', 16, struct pm_scan_arg)
#define PAGE_IS_PRESENT (1u << 3)
#define PAGE_IS_SWAPPED (1u << 4)
#define PAGE_IS_PFNZERO (1u << 5)
#define PAGE_IS_HUGE (1u << 6)
#define PAGE_IS_GUARD (1u << 8) /* Linux 6.15; unknown bits are refused */

/* Called for each range of pages in one state, in order; ranges in no state are left out. */
typedef void page_scan_fn(void *context, const struct page_region *region);

/* A number of scans; for page_scan_begin() to make. */
struct page_scan {
	int fd;		/* an open /proc/PID/pagemap, borrowed */
	uint64_t guard; /* PAGE_IS_GUARD; 0 after a kernel did not know it */
	uint64_t found; /* bytes, since the last pause */
	uint64_t piece; /* of what is mapped, how many bytes are best looked at in one call */
};

struct page_scan page_scan_begin(int fd);

/*
 * Scans pages [start, end) for what is present, swapped, the zero page, huge or a guard, in pieces. 0; -ENOTTY
 * when the kernel is older; or another negative errno.
 */
int page_scan(struct page_scan *scan, uint64_t start, uint64_t end, page_scan_fn *take, void *context);

/* The same in one piece, of which `size` bytes are mapped: no more than scan->piece. */
int page_scan_piece(struct page_scan *scan, uint64_t start, uint64_t end, uint64_t size, page_scan_fn *take,
		    void *context);

/*
 * Lets threads of the target change its map, if some are waiting to: a lock that is taken again at once is
 * had again before they wake up. Scans do so whenever they have found 256 MiB.
 */
void page_scan_pause(struct page_scan *scan);

/* The words of /proc/PID/pagemap, one a page. */
#define PM_PFN ((UINT64_C(1) << 55) - 1) /* 0 to the unprivileged */
#define PM_EXCLUSIVE (UINT64_C(1) << 56)
#define PM_GUARD (UINT64_C(1) << 58)
#define PM_FILE (UINT64_C(1) << 61) /* of a file or shared */
#define PM_SWAPPED (UINT64_C(1) << 62)
#define PM_PRESENT (UINT64_C(1) << 63)

/* The words of /proc/kpageflags, one a page frame; for root (include/uapi/linux/kernel-page-flags.h). */
#define KPF_DIRTY (UINT64_C(1) << 4)
