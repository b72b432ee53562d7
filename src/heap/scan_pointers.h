/* SPDX-License-Identifier: MIT */
/*
 * Looks through memory for words that may be addresses in a heap. It is read in batches, of what is in memory
 * alone, however large or many the ranges are.
 */
#pragma once

#include "heap/page_set.h"
#include "model/facts.h"

/* Called for each word that is an address from `low` to before `high`. `owner`: as scan_add() had it. */
typedef void take_address_fn(void *context, uint64_t owner, uint64_t addr);

struct scan_part {
	uint64_t addr;
	uint64_t owner;
	size_t len;
	bool is_optional;
};

struct scan {
	struct source *source;
	const struct page_set *pages;
	uint64_t low, high;
	take_address_fn *take;
	void *context;
	uint64_t page_size;
	size_t word_size;
	bool is_foreign; /* words have the other order of bytes than ours */
	uint64_t unread; /* bytes that are in swap, that a core file lacks, or of which nothing is known */

	struct scan_part parts[PARTS_MAX];
	size_t n_parts, len;
	unsigned char *buf;
};

void scan_init(struct scan *scan, struct source *source, const struct facts *facts,
	       const struct page_set *pages);
/* As another, of the same memory, for somebody else. */
void scan_copy(struct scan *scan, const struct scan *of, take_address_fn *take, void *context);
void scan_done(struct scan *scan);

/*
 * Adds [start, end), which is looked through now or later. `is_optional`: what cannot be read is none of the
 * program's data. Calls `take`, which may not add anything itself.
 */
void scan_add(struct scan *scan, uint64_t start, uint64_t end, uint64_t owner, bool is_optional);

/* Looks through bytes that were read otherwise. */
void scan_words(struct scan *scan, const unsigned char *bytes, size_t len, uint64_t owner);

/* Looks through all that was added. */
void scan_flush(struct scan *scan);
