/* SPDX-License-Identifier: MIT */
/*
 * Memory that malloc manages, read without changing which pages the target has: pages that are not
 * in memory are not read, since that would create page tables or bring pages back from swap.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/facts.h"
#include "source/source.h"

/* Pages in the states from PAGE_ZERO on can be read. */
enum page_presence {
	PAGE_UNTOUCHED,
	PAGE_SWAPPED,
	PAGE_ZERO, /* read but never written to: the kernel's shared zero page, which is not resident */
	PAGE_PRESENT,
};

/* Pages whose presence is kept together, or not at all if all are PAGE_UNTOUCHED. */
#define PRESENCE_PAGES 512

/*
 * Pages that are kept: lists of freed blocks lead back and forth through all of a heap, and each page
 * that is not kept takes two system calls.
 */
#define PEEK_PAGES 65536
#define PEEK_GROUP 256 /* pages that room is made for at once */

struct peeked_page {
	uint64_t addr;
	uint64_t age;
	unsigned char *bytes; /* NULL: no page was kept here yet */
};

struct heap_memory {
	struct source *source;
	const struct facts *facts; /* borrowed */
	uint64_t page_size;
	unsigned page_shift;
	size_t word_size;

	/* A range that is read from one end to the other, and the presence of each of its pages. */
	uint64_t start, end;
	uint64_t known_end; /* `presence` is known up to here */
	uint8_t **presence; /* enum page_presence, PRESENCE_PAGES each; NULL: all of them are untouched */
	size_t n_presence;
	bool has_residence;   /* the page map was read */
	bool has_unclear;     /* some pages may be either zero pages or resident */
	bool had_unclear;     /* has_unclear of this range or an earlier one */
	bool is_blind;	      /* there is a page map, but it could not be read: then no memory is, either */
	uint64_t at;	      /* first address of the piece that was read last */
	size_t len;	      /* its length */
	unsigned char *piece; /* its bytes; pages that are not in memory are zeroes */

	unsigned waited; /* microseconds, see heap_memory_wait() */

	/* Single pages that were peeked at, each at its number modulo PEEK_PAGES. */
	struct peeked_page *peeked[PEEK_PAGES / PEEK_GROUP]; /* NULL: no page of this group was kept yet */
	uint64_t age;					     /* they are forgotten when this changes */
};

void heap_memory_init(struct heap_memory *memory, struct source *source, const struct facts *facts);
void heap_memory_done(struct heap_memory *memory);

/*
 * Makes [start, end), whole pages, the range that heap_memory_word() reads, as it is now. False: it
 * is empty or too large, or which of its pages are in memory could not be read.
 */
bool heap_memory_cover(struct heap_memory *memory, uint64_t start, uint64_t end);

/*
 * Covers the range again from one of its pages on, up to its new end; what is known of the pages
 * before stays. False: the page is beyond what is known, or the range is too large.
 */
bool heap_memory_cover_again(struct heap_memory *memory, uint64_t from, uint64_t end);

/* The presence of the page that heap_memory_word() was last asked for, or of one before it. */
static inline enum page_presence heap_memory_presence(const struct heap_memory *memory, uint64_t addr)
{
	uint64_t page = (addr - memory->start) >> memory->page_shift;
	const uint8_t *presence;

	if (addr < memory->start || addr >= memory->known_end)
		return PAGE_UNTOUCHED;
	presence = memory->presence[page / PRESENCE_PAGES];
	return presence ? (enum page_presence)presence[page % PRESENCE_PAGES] : PAGE_UNTOUCHED;
}

/* The first page in the covered part of [from, to), whole pages, that is not PAGE_UNTOUCHED; UNKNOWN: none. */
uint64_t heap_memory_next(struct heap_memory *memory, uint64_t from, uint64_t to);

/* Resident bytes of the part of [from, to) that is covered. */
uint64_t heap_memory_resident(struct heap_memory *memory, uint64_t from, uint64_t to);

/* Whether it is known which of the covered pages are resident, as far as they were asked for. */
static inline bool heap_memory_knows_residence(const struct heap_memory *memory)
{
	return memory->has_residence && !memory->has_unclear;
}

/* Reads the piece that holds an address. False: the address is not in memory, or not covered. */
bool heap_memory_load(struct heap_memory *memory, uint64_t addr);

/* A word from anywhere. False: it is not aligned to its size, not in memory, or cannot be read. */
bool heap_memory_peek(struct heap_memory *memory, uint64_t addr, uint64_t *ret);

/* Likewise, but as it was when the piece was read, if that holds the word. */
bool heap_memory_near(struct heap_memory *memory, uint64_t addr, uint64_t *ret);

/* Copies bytes from anywhere, up to the first page that is not in memory. Returns how many. */
size_t heap_memory_copy(struct heap_memory *memory, uint64_t addr, char *buf, size_t len);

/* Forgets the pages that were peeked at: they may have changed. */
void heap_memory_forget(struct heap_memory *memory);

/*
 * Sleeps so that a thread preempted inside malloc(3) can go on; longer, the more waits came before.
 * No more than 2 s in all: those who see that the target did go on may lower `waited`.
 */
void heap_memory_wait(struct heap_memory *memory, unsigned n_before);

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

/* A word of the covered range, aligned to its size. False: it is not in memory. */
static inline bool heap_memory_word(struct heap_memory *memory, uint64_t addr, uint64_t *ret)
{
	if (unlikely(addr - memory->at >= memory->len) && !heap_memory_load(memory, addr))
		return false;
	*ret = heap_word(memory->piece + (addr - memory->at), memory->word_size);
	return likely(*ret != 0) || heap_memory_presence(memory, addr) >= PAGE_ZERO;
}
