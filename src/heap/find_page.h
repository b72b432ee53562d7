/* SPDX-License-Identifier: MIT */
/*
 * A search for pages by how they begin, through memory of any size: little of each page is read, and of many
 * at once.
 */
#pragma once

#include "heap/page_set.h"

#define PAGE_HEAD 16 /* bytes of a page that are looked at */

typedef bool is_page_fn(void *context, uint64_t addr, const unsigned char head[PAGE_HEAD]);

/*
 * The first page of [from, to), whole pages, that is in memory and of which `is_page` says true; UNKNOWN: there is
 * none.
 */
uint64_t find_page(struct source *source, const struct page_set *pages, uint64_t page_size, uint64_t from,
		   uint64_t to, is_page_fn *is_page, void *context);
