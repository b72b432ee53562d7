/* SPDX-License-Identifier: MIT */
/*
 * Counts resident and swapped pages from the page map: with the ioctl PAGEMAP_SCAN (Linux 6.7),
 * less than half of what smaps costs, or else from the words of /proc/PID/pagemap
 * (Documentation/admin-guide/mm/pagemap.rst).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proc/process.h"

/* Half-open; a page belongs to the range that holds its first byte. */
struct page_range {
	uint64_t start, end;
	uint64_t resident, swapped; /* filled in, in bytes */
};

/*
 * Counts in ranges that are sorted and disjoint. The page that reads as zeroes and was never
 * written is not resident, and guard pages are not swapped, as in smaps; pages of hugetlb are
 * resident. `is_whole_map`: they are all that the process has mapped, and pagemap, which cannot tell the zero
 * page, is not fallen back on. 0, or a negative errno: -ENOTTY when the kernel is older.
 */
int read_pages(struct proc *proc, uint64_t page_size, struct page_range *ranges, size_t n, bool is_whole_map);
