/* SPDX-License-Identifier: MIT */
/*
 * Searches memory of any size for pages by their first bytes: reads little of each page, and many
 * pages at once.
 */
#pragma once

#include "heap/page_set.h"

#define PAGE_HEAD 16 /* bytes looked at in each page */

typedef bool is_page_fn(void *context, uint64_t addr, const unsigned char head[PAGE_HEAD]);

/*
 * The first page in [from, to), whole pages, that is in memory and for which `is_page` returns
 * true; UNKNOWN: there is none.
 */
uint64_t find_page(struct source *source, const struct page_set *pages, uint64_t page_size, uint64_t from,
		   uint64_t to, is_page_fn *is_page, void *context);
