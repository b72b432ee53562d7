/* SPDX-License-Identifier: MIT */
/*
 * What malloc keeps its memory as, and what a walk through it found. Bytes throughout.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

enum block_state {
	BLOCK_USED,
	BLOCK_CACHED, /* free for one thread (tcache) or size (fastbins): looks used to its neighbours */
	BLOCK_FREE,
	BLOCK_TOP,   /* the free end of an arena */
	BLOCK_OTHER, /* malloc's own: headers, and marks where a heap ends */
	N_BLOCK_STATES,
};

extern const char *const block_state_names[N_BLOCK_STATES];

struct heap_block {	     /* glibc's malloc_chunk */
	uint64_t start, end; /* with its header: what the program has begins two words later */
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
	uint64_t heaps; /* pieces that its memory is in */
	uint64_t system;
	uint64_t used, blocks; /* in use: bytes with headers, and how many blocks */
	uint64_t cached, free, top, unwalked;
	uint64_t walked;     /* of system, in percent, rounded down */
	uint64_t resident;   /* UNKNOWN, as the three below, where the state of pages is not known */
	uint64_t returnable; /* what malloc_trim(3) would give back */
	uint64_t pinned;     /* resident and free, but in a page with something else */
	uint64_t spare; /* resident whole pages of the tops of threads' arenas, which malloc_trim(3) leaves */
};

struct heap {
	struct heap_arena *arenas;
	size_t n_arenas, cap_arenas;
	struct heap_arena total;
	uint64_t *cached; /* starts of the cached blocks, sorted */
	size_t n_cached, cap_cached;
	char *others;	 /* allocators that were recognised and not looked into; NULL: none */
	bool is_missing; /* nothing is known of the heap */
	bool is_broken;	 /* a block has an impossible size */
};

void heap_done(struct heap *heap);

/* An empty one, which stays where it is until the next is added. */
struct heap_arena *heap_add_arena(struct heap *heap, enum arena_kind kind, uint64_t address);
void heap_add_cached(struct heap *heap, uint64_t start);

/* Of what the arena has, how much was walked, in percent, rounded down. */
uint64_t heap_walked(const struct heap_arena *arena) _pure_;

/* Sets the total, which is empty, from the arenas. */
void heap_add_up(struct heap *heap);

/* Blocks in use that are alike: of one size, their objects of one class. */
struct block_group {
	const char *class_name; /* readable, any bytes; NULL: not known */
	uint64_t size;		/* of each, with its header; UNKNOWN: of several sizes */
	uint64_t blocks, bytes;
	uint64_t sample; /* what the program has as the address of one of them; */
	uint64_t holder; /* that of another lost block which points to it. UNKNOWN: none points to any */
};

struct block_list {
	struct block_group *groups; /* by class and size; what there was no room for comes last */
	size_t n_groups;
	struct block_group total;
	char **names; /* of classes */
	size_t n_names;
};

void block_list_done(struct block_list *list);

/*
 * The order of a list: by class, blocks without one first, then by size; last those of several sizes. 0: of one class
 * and size.
 */
int block_group_compare(const struct block_group *a, const struct block_group *b) _pure_;

/* Whether the block that starts at an address is a cached one. */
bool heap_is_cached(const struct heap *heap, uint64_t start) _pure_;
