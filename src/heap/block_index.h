/* SPDX-License-Identifier: MIT */
/*
 * The blocks of a heap that are in use, as bitmaps: two bits for each place where a block may begin, and a
 * link for every 64 places. That takes a fortieth of the heap, however small its blocks are.
 *
 *	struct block_index index;
 *	struct block_place place = { 0 };
 *	struct heap_block block;
 *
 *	block_index_read(source, space, &heap, &index, notes);
 *	while (block_index_next(&index, &place, &block))
 *		... user data is from block.start + 2 words to block.end + 1 word ...
 *	block_index_done(&index);
 */
#pragma once

#include "heap/read_heap.h"

struct block_word {	  /* for 64 places */
	uint64_t begins;  /* where a block of any state begins */
	uint64_t is_used; /* where one in use begins */
	uint64_t before;  /* the last place before these 64 where a block begins; UNKNOWN: none */
};

/*
 * Blocks without a gap between them: the walked part of a heap, or one block with its own mapping. After a
 * large block, the same part of a heap continues in another span.
 */
struct block_span {
	uint64_t start, end;
	uint32_t arena; /* index in heap.arenas */
	uint64_t last;	/* place where the last block begins */
	struct block_word *words;
	size_t n_words, cap_words;
};

struct block_index {
	uint64_t place_size; /* bytes from one place where a block may begin to the next */
	struct block_span *spans;
	size_t n_spans, cap_spans; /* sorted, disjoint */
};

struct block_place { /* the position of an iteration; { 0 } at first */
	size_t span;
	uint64_t place;
};

/*
 * Reads the heap, as read_heap() does, into *heap (heap_done()) and *ret (block_index_done()).
 * Blocks in fastbins and thread caches are not in use.
 */
void block_index_read(struct source *source, const struct space *space, struct heap *heap,
		      struct block_index *ret, struct notes *notes);
void block_index_done(struct block_index *index);

/* The next block in use, by address. False: there is none. */
bool block_index_next(const struct block_index *index, struct block_place *place, struct heap_block *ret);

/* The block in use that holds an address, in its header or after it. False: there is none. */
bool block_index_find(const struct block_index *index, uint64_t addr, struct heap_block *ret);

/* The same block as a place; and the address where the block at a place starts. */
bool block_index_place(const struct block_index *index, uint64_t addr, struct block_place *ret);
static inline uint64_t block_index_start(const struct block_index *index, const struct block_place *place)
{
	return index->spans[place->span].start + place->place * index->place_size;
}

/* Where the blocks of a span end: the last one extends into the first word of a span that continues it. */
uint64_t block_index_limit(const struct block_index *index, size_t span) _pure_;

/* Removes the block in use that starts at an address, as if it were free. False: there is none. */
bool block_index_remove(struct block_index *index, uint64_t start);

/* For callers that walk the heap themselves: starts an empty index, adds a block, and completes the index. */
void block_index_init(struct block_index *index, size_t word_size);
take_block_fn block_index_add; /* context: the index */
void block_index_settle(struct block_index *index);
