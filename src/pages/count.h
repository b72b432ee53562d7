/* SPDX-License-Identifier: MIT */
/*
 * Counts resident and swapped pages: with a scan of the page map, less than half of what smaps
 * costs, or else from its words.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source/source.h"

/*
 * Counts in ranges that are sorted and disjoint. The page that reads as zeroes and was never
 * written is not resident, and guard pages are not swapped, as in smaps; pages of hugetlb are
 * resident. `is_whole_map`: as for page_walk(). 0; -ENODATA: pages may be swapped or not; or another
 * negative errno.
 */
int count_pages(struct source *source, uint64_t page_size, struct page_range *ranges, size_t n,
		bool is_whole_map);
