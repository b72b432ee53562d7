/* SPDX-License-Identifier: MIT */
/*
 * How glibc lays out the heaps of its arenas (malloc/arena.c). Each heap has a range of fixed size, its
 * room, which is aligned to that size. It begins with a header; in the first heap of an arena, the
 * arena's state follows. The part in use is writable, the rest of the room is inaccessible. Both the
 * readers and the judgement use this.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena_heap {	     /* as its header in memory describes it */
	uint64_t start, end; /* the writable part; the rest of the room follows */
	uint64_t arena;	     /* the address of the arena's state, the same for all its heaps */
	int32_t tid;	     /* the only thread that uses the arena, or NO_TID */
	size_t n_users;	     /* threads that use the arena */
};

struct arena_header {	/* glibc's heap_info */
	uint64_t arena; /* address of the arena's state */
	uint64_t previous;
	uint64_t size;		 /* in use, in bytes */
	uint64_t protected_size; /* writable: all that has ever been in use */
};

/* The room of a heap, in bytes: HEAP_MAX_SIZE. A power of two. `word_size`: of the process, in bytes. */
static inline uint64_t arena_room(size_t word_size)
{
	return word_size == 4 ? UINT64_C(1) << 20 : UINT64_C(1) << 26;
}

/* Whether an arena's state can be at an address: it must be right after the header of a heap. */
static inline bool arena_may_be_at(uint64_t address, uint64_t room)
{
	uint64_t behind = address & (room - 1);

	return behind >= 16 && behind <= 64 && behind % 8 == 0;
}

/*
 * Whether data at `start`, a multiple of the room in a mapping that ends at `end`, is a heap's header.
 * Its sizes must be whole pages, and within the room and the mapping. The arena's state must come after
 * this header or, if there is a previous heap, after the header of another heap.
 */
bool arena_header_fits(const struct arena_header *header, uint64_t start, uint64_t end, uint64_t room,
		       uint64_t page_size);

/* Whether a mapping [start, end) and an inaccessible one up to `rest_end` have the shape of a heap. */
static inline bool arena_heap_fills_room(uint64_t start, uint64_t end, uint64_t rest_end, uint64_t room)
{
	return start % room == 0 && start < end && end < rest_end && rest_end == start + room;
}
