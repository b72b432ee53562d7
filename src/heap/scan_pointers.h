/* SPDX-License-Identifier: MIT */
/*
 * Looks through memory for words that may be addresses in a heap. It is read in batches, of what is in memory
 * alone, however large or many the ranges are.
 */
#pragma once

#include "heap/page_set.h"
#include "model/facts.h"

/* Called for each word that is an address from `low` to before `high`; `place`: where it stands. */
typedef void take_address_fn(void *context, uint64_t place, uint64_t addr);

/* Called for what is in swap, what a core file lacks, or of which nothing is known. */
typedef void miss_fn(void *context, uint64_t start, uint64_t end);

struct scan_part {
	uint64_t addr;
	size_t len;
	bool is_optional;
};

struct scan {
	struct source *source;
	const struct facts *facts;
	const struct page_set *pages;
	uint64_t low, high;
	take_address_fn *take;
	miss_fn *miss;
	void *context;
	uint64_t page_size;
	size_t word_size;
	bool is_foreign; /* words have the other order of bytes than ours */

	struct scan_part parts[PARTS_MAX];
	size_t n_parts, len;
	unsigned char *buf;
};

void scan_init(struct scan *scan, struct source *source, const struct facts *facts,
	       const struct page_set *pages);
void scan_done(struct scan *scan);

/*
 * Adds [start, end), which is looked through now or later. `is_optional`: what cannot be read is none of the
 * program's data. Calls `take` and `miss`, which may not add anything themselves.
 */
void scan_add(struct scan *scan, uint64_t start, uint64_t end, bool is_optional);

/* Looks through bytes that were read otherwise, of some place. */
void scan_words(struct scan *scan, const unsigned char *bytes, size_t len, uint64_t place);

/* Looks through all that was added. */
void scan_flush(struct scan *scan);
