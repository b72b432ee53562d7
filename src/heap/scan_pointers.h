/* SPDX-License-Identifier: MIT */
/*
 * Scans memory for words that may be addresses in a heap. Reads only pages that are in memory, and
 * in batches, however large or many the ranges are.
 */
#pragma once

#include "heap/page_set.h"
#include "model/facts.h"

/* Called for each word that is an address in [low, high); `place`: where the word is. */
typedef void take_address_fn(void *context, uint64_t place, uint64_t addr);

/* Called for memory that is in swap, that a core file lacks, or about which nothing is known. */
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
	bool is_foreign; /* the target's byte order is not ours */

	struct scan_part parts[PARTS_MAX];
	size_t n_parts, len;
	unsigned char *buf;
};

void scan_init(struct scan *scan, struct source *source, const struct facts *facts,
	       const struct page_set *pages);
void scan_done(struct scan *scan);

/*
 * Adds [start, end), to be scanned now or later. `is_optional`: bytes that cannot be read hold none
 * of the program's data. Calls `take` and `miss`, which must not add anything themselves.
 */
void scan_add(struct scan *scan, uint64_t start, uint64_t end, bool is_optional);

/* Scans bytes that were read elsewhere, from address `place`. */
void scan_words(struct scan *scan, const unsigned char *bytes, size_t len, uint64_t place);

/* Scans all that was added and is still waiting. */
void scan_flush(struct scan *scan);
