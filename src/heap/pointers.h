/* SPDX-License-Identifier: MIT */
/*
 * The words in blocks that may point into the heap, collected in one pass from its beginning to its
 * end: where each one is, and where it points, in about four bytes. Following them later does not
 * need the memory any more, so the process may go on.
 */
#pragma once

#include "heap/block_index.h"
#include "heap/scan_pointers.h"

#define POINTER_GROUPS 4096 /* groups in a chunk, of 64 places each */

struct pointer_chunk {
	uint8_t *bytes;
	size_t n, cap;
	size_t n_begun; /* groups begun */
	/* Where the pointers of each group begin in `bytes`, and the last ones end. */
	uint32_t groups[POINTER_GROUPS + 1];
};

struct pointer_span {		       /* for a span of the index */
	struct pointer_chunk **chunks; /* NULL: it has no pointers */
	size_t n_chunks;
};

struct unread_range {
	uint64_t start, end;
};

struct pointers {
	const struct block_index *index;
	size_t word_size;
	struct pointer_span *spans;
	struct unread_range *unread; /* the ranges that the scan missed: sorted, disjoint */
	size_t n_unread, cap_unread;
	size_t at; /* the span that is being read */
};

/* Reads all blocks in use with `scan`, which has nothing left to flush. */
void pointers_read(struct pointers *pointers, const struct block_index *index, struct scan *scan);
void pointers_done(struct pointers *pointers);

/*
 * Calls `take` for each pointer in [start, end), in order; the whole range is in one span. The
 * addresses pointed to are rounded down to a multiple of a word.
 */
void pointers_each(const struct pointers *pointers, uint64_t start, uint64_t end, take_address_fn *take,
		   void *context);

/* Bytes of [start, end) that could not be read. */
uint64_t pointers_unread(const struct pointers *pointers, uint64_t start, uint64_t end);
