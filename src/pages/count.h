/* SPDX-License-Identifier: MIT */
/*
 * Counts resident and swapped pages: by a scan of the page map, at less than half the cost of
 * smaps, or else from the words of the page map.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source/source.h"

/*
 * Counts in ranges that are sorted and disjoint. As in smaps, the zero page (read but never
 * written) is not resident, and guard pages are not swapped; pages of hugetlb are resident.
 * `is_whole_map`: as for source_walk_pages(). 0; -ENODATA: it is unclear whether some pages are
 * swapped; or another negative errno.
 */
int count_pages(struct source *source, uint64_t page_size, struct page_range *ranges, size_t n,
		bool is_whole_map);
