/* SPDX-License-Identifier: MIT */
/*
 * How glibc lays out the heaps of its arenas (malloc/arena.c): each begins at a multiple of its room with
 * a header, in the first heap of an arena followed by the arena's state; the part in use may be written
 * to, the rest of the room is without access. Readers and judges both ask here.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena_heap {	     /* as its own header in memory has it */
	uint64_t start, end; /* the part that may be written to; the rest of its room follows */
	uint64_t arena;	     /* the address of the arena's state, the same for all its heaps */
	int32_t tid;	     /* the only thread that uses the arena, or NO_TID */
	size_t n_users;	     /* threads that use the arena */
};

struct arena_header {	/* glibc's heap_info */
	uint64_t arena; /* address of the arena's state */
	uint64_t previous;
	uint64_t size;		 /* in use, in bytes */
	uint64_t protected_size; /* that may be written to: all that has ever been in use */
};

/* The room of a heap, in bytes: HEAP_MAX_SIZE. A power of two. `word_size`: of the process, in bytes. */
static inline uint64_t arena_room(size_t word_size)
{
	return word_size == 4 ? UINT64_C(1) << 20 : UINT64_C(1) << 26;
}

/* Whether an arena's state can be at an address: right behind the header of a heap. */
static inline bool arena_may_be_at(uint64_t address, uint64_t room)
{
	uint64_t behind = address & (room - 1);

	return behind >= 16 && behind <= 64 && behind % 8 == 0;
}

/*
 * Whether what was read at a boundary, of a mapping that ends at `end`, is a heap's header: sizes in whole
 * pages and within the room and the mapping, and the arena's state where it belongs: behind this header or,
 * where a heap came before, behind another one.
 */
bool arena_header_fits(const struct arena_header *header, uint64_t start, uint64_t end, uint64_t room,
		       uint64_t page_size);

/* Whether a mapping [start, end) and one without access up to `rest_end` have the shape of a heap. */
static inline bool arena_heap_fills_room(uint64_t start, uint64_t end, uint64_t rest_end, uint64_t room)
{
	return start % room == 0 && start < end && end < rest_end && rest_end == start + room;
}
