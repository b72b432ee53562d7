/* SPDX-License-Identifier: MIT */
/*
 * Memory that malloc manages, read so that the target keeps the pages that it has: what is not in memory is
 * not read, since that would make page tables or bring pages back from swap.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/facts.h"
#include "source/source.h"

/* From PAGE_ZERO on, what can be read. */
enum page_presence {
	PAGE_UNTOUCHED,
	PAGE_SWAPPED,
	PAGE_ZERO, /* read but never written to: the kernel's one page of zeroes, which is not resident */
	PAGE_PRESENT,
};

#define PEEK_PAGES 256 /* that are kept, a power of two */

struct heap_memory {
	struct source *source;
	uint64_t page_size;
	unsigned page_shift;
	size_t word_size;

	/* A range that is read from one end to the other, and of each of its pages, what it is. */
	uint64_t start, end;
	uint64_t known_end;   /* of the pages before it `presence` tells, */
	uint8_t *presence;    /* enum page_presence */
	bool has_residence;   /* and the page map was read; */
	bool has_unclear;     /* some of them may be pages of zeroes, or resident, */
	bool had_unclear;     /* as of this range or one before; */
	bool is_blind;	      /* or it should have, but could not be read: then nothing else is, either */
	uint64_t at;	      /* the piece that was read last: its first address, */
	size_t len;	      /* and bytes; */
	unsigned char *piece; /* pages that are not in memory are zeroes */

	/* Pages that were looked at here and there. */
	uint64_t peek_addr[PEEK_PAGES];
	unsigned char *peeked;
};

void heap_memory_init(struct heap_memory *memory, struct source *source, const struct facts *facts);
void heap_memory_done(struct heap_memory *memory);

/*
 * Makes [start, end), whole pages, what heap_memory_word() reads, as it is now. False where it is too large, or
 * which of them are in memory could not be read.
 */
bool heap_memory_cover(struct heap_memory *memory, uint64_t start, uint64_t end);

/* The same from a page of it on, to where it ends by now: what is known of the pages before stays as it was. */
bool heap_memory_cover_again(struct heap_memory *memory, uint64_t from, uint64_t end);

/* What a page is that heap_memory_word() was asked for last, or before it. */
static inline enum page_presence heap_memory_presence(const struct heap_memory *memory, uint64_t addr)
{
	if (addr < memory->start || addr >= memory->known_end)
		return PAGE_UNTOUCHED;
	return (enum page_presence)memory->presence[(addr - memory->start) >> memory->page_shift];
}

/* Bytes of [from, to) that are resident, as far as they are covered. */
uint64_t heap_memory_resident(struct heap_memory *memory, uint64_t from, uint64_t to);

/* Whether that is known of all that was asked for. */
static inline bool heap_memory_knows_residence(const struct heap_memory *memory)
{
	return memory->has_residence && !memory->has_unclear;
}

/* Reads the piece that holds an address. False where it is not in memory, or not covered. */
bool heap_memory_load(struct heap_memory *memory, uint64_t addr);

/* A word from anywhere, aligned to its size; false as above. */
bool heap_memory_peek(struct heap_memory *memory, uint64_t addr, uint64_t *ret);

/* Copies bytes from anywhere, up to the first page that is not in memory. Returns how many. */
size_t heap_memory_copy(struct heap_memory *memory, uint64_t addr, char *buf, size_t len);

/* Forgets what was read here and there: it may have changed. */
void heap_memory_forget(struct heap_memory *memory);

/* Gives a thread that waits for a processor in the middle of malloc(3) time to go on: more, the more often before. */
void heap_memory_wait(const struct heap_memory *memory, unsigned n_before);

static inline uint64_t heap_word(const unsigned char *bytes, size_t word_size)
{
	uint64_t wide;
	uint32_t narrow;

	if (word_size == 8) {
		__builtin_memcpy(&wide, bytes, sizeof(wide));
		return wide;
	}
	__builtin_memcpy(&narrow, bytes, sizeof(narrow));
	return narrow;
}

/* A word of the range that is covered, at a multiple of its size. False where it is not in memory. */
static inline bool heap_memory_word(struct heap_memory *memory, uint64_t addr, uint64_t *ret)
{
	if (unlikely(addr - memory->at >= memory->len) && !heap_memory_load(memory, addr))
		return false;
	*ret = heap_word(memory->piece + (addr - memory->at), memory->word_size);
	return likely(*ret != 0) || heap_memory_presence(memory, addr) >= PAGE_ZERO;
}
