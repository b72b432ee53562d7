/* SPDX-License-Identifier: MIT */
/*
 * Marks the blocks in use that can be reached: from ranges of memory, from words, and from blocks that are
 * reached themselves. A pointer anywhere into what the program has of a block reaches it. No recursion: a bit and, at
 * most, a word of a list for each block.
 */
#pragma once

#include "heap/block_index.h"
#include "heap/pointers.h"

struct mark {
	const struct block_index *index;
	uint64_t **bits; /* by span, and place in it */
	uint64_t *work;	 /* starts of blocks that are reached and still to be looked through */
	size_t n_work, cap_work;
	struct scan scan;
	struct pointers pointers;	 /* of all blocks in use */
	uint64_t unread;		 /* bytes that could not be read, of roots and of what is reached; */
	struct unread_range last_unread; /* of roots, in one piece: the last, */
	struct unread_range most_unread; /* and the largest */
	size_t word_size;
};

void mark_init(struct mark *mark, struct source *source, const struct facts *facts,
	       const struct block_index *index, const struct page_set *pages);
void mark_done(struct mark *mark);

/* Marks the blocks that a range points to. `is_optional`: as for scan_add(). */
void mark_range(struct mark *mark, uint64_t start, uint64_t end, bool is_optional);

/* Reads all blocks, after all ranges; then the memory is not needed any more. */
void mark_read_blocks(struct mark *mark);

/*
 * Marks what registers lead to. They may have the header of a block: of one that malloc(3) is about to hand out, or
 * free(3) to take, while its thread is stopped there.
 */
void mark_registers(struct mark *mark, const unsigned char *bytes, size_t len);

/* Marks the block at an address. */
void mark_address(struct mark *mark, uint64_t addr);

/* Marks all that blocks which are marked lead to. */
void mark_spread(struct mark *mark);

/* Whether the block whose header is at an address is marked. */
bool mark_is_set(const struct mark *mark, uint64_t start);

/* The block in use that a program's pointer leads into. False: there is none. */
bool mark_find(const struct mark *mark, uint64_t addr, struct heap_block *ret);

/* What the program has of a block. */
static inline uint64_t block_user_start(const struct heap_block *block, size_t word_size)
{
	return block->start + 2 * word_size;
}

/*
 * With the word that the next block lends it. The last of a span has none: it has a mapping of its own, or what follows
 * is looked through otherwise.
 */
uint64_t mark_user_end(const struct mark *mark, const struct heap_block *block);

/* The marks there are; mark_restore() makes them so again, and frees them. */
uint64_t **mark_save(const struct mark *mark);
void mark_restore(struct mark *mark, uint64_t **saved);
