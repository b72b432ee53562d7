/* SPDX-License-Identifier: MIT */
/* Which pages exist in some ranges, to read only these. */
#pragma once

#include "model/facts.h"
#include "source/source.h"

struct known_pages {
	uint64_t start, end;
	bool is_swapped;
};

struct page_set {
	struct known_pages *runs; /* sorted; other pages were never touched, or are zero pages */
	size_t n, cap;
	bool is_known; /* else any page may exist */
	bool is_blind; /* there is a page map, but it could not be read: then no memory is, either */
};

/* Reads the set for `n` ranges, sorted and disjoint. */
void page_set_read(struct page_set *pages, struct source *source, const struct page_range *ranges, size_t n);

/* The same for one range, of which a core file may lack whole mappings, however large. */
void page_set_read_range(struct page_set *pages, struct source *source, const struct facts *facts,
			 uint64_t start, uint64_t end);

void page_set_done(struct page_set *pages);

/* The first run of pages that reaches into [from, to), cut to it. False: there is none. */
bool page_set_next(const struct page_set *pages, uint64_t from, uint64_t to, struct known_pages *ret);
