/* SPDX-License-Identifier: MIT */
/*
 * Marks the blocks in use that are reachable: from ranges of memory, from words, and from blocks
 * that are reachable themselves. A pointer to anywhere in a block's user data reaches the block. No
 * recursion: each block takes a bit and, at most, a word of a list.
 */
#pragma once

#include "heap/block_index.h"
#include "heap/pointers.h"

struct mark {
	const struct block_index *index;
	uint64_t **bits; /* by span, and place in it */
	uint64_t *work;	 /* starts of marked blocks that are still to be scanned */
	size_t n_work, cap_work;
	struct scan scan;
	struct pointers pointers;	 /* of all blocks in use */
	uint64_t unread;		 /* bytes of roots and marked blocks that could not be read */
	struct unread_range last_unread; /* of the roots: the last unread piece */
	struct unread_range most_unread; /* of the roots: the largest unread piece */
	size_t word_size;
};

void mark_init(struct mark *mark, struct source *source, const struct facts *facts,
	       const struct block_index *index, const struct page_set *pages);
void mark_done(struct mark *mark);

/* Marks the blocks that a range points to. `is_optional`: as for scan_add(). */
void mark_range(struct mark *mark, uint64_t start, uint64_t end, bool is_optional);

/* Reads all blocks; call it after all mark_range(). From then on the memory is not needed any more. */
void mark_read_blocks(struct mark *mark);

/*
 * Marks the blocks that registers point to. A register may point to the header of a block instead,
 * if its thread was stopped when malloc(3) was about to return the block, or free(3) about to take
 * it.
 */
void mark_registers(struct mark *mark, const unsigned char *bytes, size_t len);

/* Marks the block that an address points into. */
void mark_address(struct mark *mark, uint64_t addr);

/* Marks all blocks that the marked ones lead to. */
void mark_spread(struct mark *mark);

/* Whether the block whose header is at an address is marked. */
bool mark_is_set(const struct mark *mark, uint64_t start);

/* The block in use whose user data an address points into. False: there is none. */
bool mark_find(const struct mark *mark, uint64_t addr, struct heap_block *ret);

/* Where a block's user data begins. */
static inline uint64_t block_user_start(const struct heap_block *block, size_t word_size)
{
	return block->start + 2 * word_size;
}

/*
 * Where a block's user data ends: after the first word of the next block, which malloc lends it.
 * The last block of a span has no such word: it has its own mapping, or what follows is scanned
 * separately.
 */
uint64_t mark_user_end(const struct mark *mark, const struct heap_block *block);

/* A copy of the marks; mark_restore() goes back to it, and takes ownership. */
uint64_t **mark_save(const struct mark *mark);
void mark_restore(struct mark *mark, uint64_t **saved);
