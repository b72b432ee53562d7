/* SPDX-License-Identifier: MIT */
/*
 * The page map of a process (Documentation/admin-guide/mm/pagemap.rst), scanned or read word by
 * word. This header declares the parts of the kernel's interface that are newer than the headers
 * memmap is built with; the bits for pages are in source/source.h.
 */
#pragma once

#include <linux/ioctl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "source/source.h"

/* ioctl PAGEMAP_SCAN on /proc/PID/pagemap, since Linux 6.7 (include/uapi/linux/fs.h) */
struct pm_scan_arg {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};

#define PAGEMAP_SCAN _IOWR('f', 16, struct pm_scan_arg)

/* A page map to be walked, perhaps several times; page_walk_init() sets it up. */
struct page_walk {
	int fd;		  /* an open /proc/PID/pagemap, borrowed */
	bool cannot_scan; /* the kernel is too old, or it is a recording */
	bool has_swap;	  /* the process may have swapped pages */
	uint64_t guard;	  /* PAGE_IS_GUARD; 0 once the kernel has turned out not to know it */
	uint64_t found;	  /* bytes found since the last pause */
	uint64_t piece;	  /* how many mapped bytes are best scanned in one call */
};

void page_walk_init(struct page_walk *walk, int fd, bool has_swap);

/*
 * Walks ranges as source_walk_pages() does. If the kernel cannot scan, words are read instead,
 * which show neither the zero page nor huge pages. A whole map is not read that way: the result is
 * then -ENOTTY.
 *
 * While the kernel scans, nobody can change the target's map. So page_walk() scans in pieces, and
 * pauses for a moment whenever it has found 256 MiB.
 */
int page_walk(struct page_walk *walk, const struct page_range *ranges, size_t n, bool is_whole_map,
	      page_walk_fn *take, void *context);

/*
 * The words of `n` pages from `addr` on; 0 for a mere marker of userfaultfd(2), as far as that can
 * be told. Returns how many were read, or a negative errno.
 */
ssize_t page_words(const struct page_walk *walk, uint64_t addr, uint64_t *words, size_t n);
