/* SPDX-License-Identifier: MIT */
/*
 * How malloc divides its memory, and what a walk through it found. Sizes are in bytes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

enum block_state {
	BLOCK_USED,
	BLOCK_CACHED, /* free for only one thread (tcache) or size (fastbins): looks used to its neighbours */
	BLOCK_FREE,
	BLOCK_TOP,   /* the free end of an arena */
	BLOCK_OTHER, /* malloc's own: headers, and marks where a heap ends */
	N_BLOCK_STATES,
};

extern const char *const block_state_names[N_BLOCK_STATES];

struct heap_block {	     /* glibc's malloc_chunk */
	uint64_t start, end; /* with its header: the program's part begins two words later */
	enum block_state state;
	uint32_t arena; /* of heap.arenas */
};

enum arena_kind {
	ARENA_MAIN,
	ARENA_OF_THREADS,
	ARENA_MAPPED, /* no arena: the blocks that have a mapping of their own */
};

/* used + cached + free + top + unwalked = system */
struct heap_arena {
	enum arena_kind kind;
	uint64_t address; /* of its state; UNKNOWN: ARENA_MAPPED */
	uint64_t state_size;
	int32_t *tids; /* the threads that use it, owned; NULL: not known */
	size_t n_tids;
	uint64_t heaps; /* how many pieces its memory is in */
	uint64_t system;
	uint64_t used, blocks; /* in use: bytes with headers, and how many blocks */
	uint64_t cached, free, top, unwalked;
	uint64_t walked;     /* of system, in percent, rounded down */
	uint64_t resident;   /* like the three below, UNKNOWN if the state of pages is not known */
	uint64_t returnable; /* what malloc_trim(3) would give back */
	uint64_t pinned;     /* resident and free, but in a page with something else */
	uint64_t spare; /* resident whole pages at the top of threads' arenas, which malloc_trim(3) keeps */
};

struct heap {
	struct heap_arena *arenas;
	size_t n_arenas, cap_arenas;
	struct heap_arena total;
	uint64_t *cached; /* starts of the cached blocks, sorted */
	size_t n_cached, cap_cached;
	char *others;	     /* allocators that were recognised but not looked into; NULL: none */
	bool is_missing;     /* nothing is known of the heap */
	bool is_broken;	     /* a block has an impossible size */
	uint64_t broken_sum; /* of the addresses of such blocks: tells whether they are the same */
};

void heap_done(struct heap *heap);

/* Adds an empty arena. The pointer is valid until the next one is added. */
struct heap_arena *heap_add_arena(struct heap *heap, enum arena_kind kind, uint64_t address);
void heap_add_cached(struct heap *heap, uint64_t start);

/* How much of the arena was walked, in percent, rounded down. */
uint64_t heap_walked(const struct heap_arena *arena) _pure_;

/* Adds up the arenas into the total, which must be empty. */
void heap_add_up(struct heap *heap);

/* Blocks in use that are alike: of one size, with objects of one class. */
struct block_group {
	const char *class_name; /* readable, any bytes; NULL: not known */
	uint64_t size;		/* of each, with its header; UNKNOWN: of several sizes */
	uint64_t blocks, bytes;
	uint64_t sample; /* the address that malloc returned for one of them */
	uint64_t holder; /* that of another lost block that points to it; UNKNOWN: none points to any */
};

struct block_list {
	struct block_group *groups; /* by class and size; blocks for which there was no room come last */
	size_t n_groups;
	struct block_group total;
	char **names; /* of classes */
	size_t n_names;
};

void block_list_done(struct block_list *list);

/*
 * The order of a list: by class, blocks without one first, then by size; groups of several sizes come last.
 * 0: the same class and size.
 */
int block_group_compare(const struct block_group *a, const struct block_group *b) _pure_;

/* Whether the block that starts at an address is cached. */
bool heap_is_cached(const struct heap *heap, uint64_t start) _pure_;
