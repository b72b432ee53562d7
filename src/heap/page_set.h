/* SPDX-License-Identifier: MIT */
/* Which pages of some memory there are, to read these and no others. */
#pragma once

#include "source/source.h"

struct known_pages {
	uint64_t start, end;
	bool is_swapped;
};

struct page_set {
	struct known_pages *runs; /* sorted; what is in none of them was never touched, or has only zeroes */
	size_t n, cap;
	bool is_known; /* else all may be there */
	bool is_blind; /* it should be known, but could not be read: then nothing else is, either */
};

/* Of ranges that are sorted and disjoint. */
void page_set_read(struct page_set *pages, struct source *source, const struct page_range *ranges, size_t n);
void page_set_done(struct page_set *pages);

/* The first run of pages, cut to [from, to), that has any of it. False: there is none. */
bool page_set_next(const struct page_set *pages, uint64_t from, uint64_t to, struct known_pages *ret);
