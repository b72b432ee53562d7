/* SPDX-License-Identifier: MIT */
/*
 * The page map of a process (Documentation/admin-guide/mm/pagemap.rst): scanned, or read word by
 * word. The kernel's interface is declared here as far as it is newer than the headers that memmap
 * is built with; what it has of pages is in source/source.h.
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

/* A page map that is walked, perhaps several times; for page_walk_init(). */
struct page_walk {
	int fd;		  /* an open /proc/PID/pagemap, borrowed */
	bool cannot_scan; /* the kernel is older, or it is a recording */
	bool has_swap;	  /* something of the process may be swapped out */
	uint64_t guard;	  /* PAGE_IS_GUARD; 0 after a kernel did not know it */
	uint64_t found;	  /* bytes, since the last pause */
	uint64_t piece;	  /* of what is mapped, how many bytes are best looked at in one call */
};

void page_walk_init(struct page_walk *walk, int fd, bool has_swap);

/*
 * Walks ranges as source_walk_pages() does. Where the kernel cannot scan, words are read instead,
 * which tell neither the zero page nor huge pages; not so of a whole map: then it is -ENOTTY.
 *
 * While the kernel scans, nobody may change the target's map: it is asked in pieces, and left
 * alone for a moment whenever it has found 256 MiB.
 */
int page_walk(struct page_walk *walk, const struct page_range *ranges, size_t n, bool is_whole_map,
	      page_walk_fn *take, void *context);

/*
 * The words of `n` pages from `addr` on; 0 for what is but a mark of userfaultfd(2), as far as that can be known.
 * Returns how many were read, or a negative errno.
 */
ssize_t page_words(const struct page_walk *walk, uint64_t addr, uint64_t *words, size_t n);
