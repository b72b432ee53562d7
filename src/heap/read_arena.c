/* SPDX-License-Identifier: MIT */
#include "heap/read_arena.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/range.h"
#include "heap/arena_pieces.h"
#include "heap/cached_blocks.h"

#define THREAD_CACHES_MAX 65536 /* blocks that look as if they hold a thread's cache */

struct reader {
	struct heap_reader *all;
	struct heap_memory *memory;
	const struct malloc_layout *layout;
	struct heap_arena *arena;
	struct cache_lists fast;
	size_t next_fast;
	uint64_t run_start, run_end; /* blocks that malloc_trim(3) would merge */
	uint64_t free_resident;
	bool is_piece_main;
	bool is_partial; /* a note says that part of the arena is not known */
};

/* ---- what a block adds ---- */

/*
 * malloc_trim(3) keeps the beginning of a free block, where its links are, and as much of the main
 * arena's top as the smallest block takes. It leaves the tops of other arenas alone.
 */
static void close_run(struct reader *reader, bool is_top)
{
	uint64_t page_size = reader->layout->page_size;
	uint64_t keeps = is_top ? malloc_min_size(reader->layout) + 1 : 6 * reader->layout->word_size;
	uint64_t start = page_ceil(reader->run_start + keeps, page_size);
	uint64_t end = page_floor(reader->run_end, page_size);

	if (start < end)
		*(is_top && !reader->is_piece_main ? &reader->arena->spare : &reader->arena->returnable) +=
			heap_memory_resident(reader->memory, start, end);
	reader->run_start = reader->run_end = 0;
}

static void add_to_run(struct reader *reader, const struct heap_block *block)
{
	if (reader->run_end != block->start || reader->run_end == 0) {
		close_run(reader, false);
		reader->run_start = block->start;
	}
	reader->run_end = block->end;
	if (block->state == BLOCK_TOP)
		close_run(reader, true);
}

/* Blocks and the list of fastbin blocks are both in address order. */
static bool is_fast(struct reader *reader, uint64_t start)
{
	while (reader->next_fast < reader->fast.n && reader->fast.starts[reader->next_fast] < start)
		reader->next_fast++;
	return reader->next_fast < reader->fast.n && reader->fast.starts[reader->next_fast] == start;
}

static void add_used(struct reader *reader, const struct heap_block *block)
{
	struct heap_reader *all = reader->all;
	uint64_t size = block->end - block->start;

	reader->arena->used += size;
	reader->arena->blocks++;
	if (!cache_may_be_thread(reader->layout, size) ||
	    !cache_may_have_lists(&reader->fast, block->start, size))
		return;
	if (all->n_caches == THREAD_CACHES_MAX) {
		all->has_more_caches = true;
		return;
	}
	mem_grow(all->caches, all->n_caches, all->cap_caches);
	all->caches[all->n_caches++] = (struct thread_cache){ block->start, size };
}

/* Most blocks are in use: that case comes first. */
static void add_block(struct reader *reader, struct heap_block *block)
{
	struct heap_arena *arena = reader->arena;
	uint64_t size = block->end - block->start;

	if (block->state == BLOCK_USED && !is_fast(reader, block->start)) {
		add_used(reader, block);
		return;
	}
	if (block->state == BLOCK_OTHER) {
		arena->used += size;
		return;
	}
	if (block->state == BLOCK_USED) {
		block->state = BLOCK_CACHED;
		arena->cached += size;
		heap_add_cached(reader->all->heap, block->start);
	} else {
		*(block->state == BLOCK_TOP ? &arena->top : &arena->free) += size;
		reader->free_resident += heap_memory_resident(reader->memory, block->start, block->end);
	}
	add_to_run(reader, block);
}

static void take_blocks(void *context, struct heap_block *blocks, size_t n)
{
	struct reader *reader = context;
	const struct heap_reader *all = reader->all;

	for (size_t i = 0; i < n; i++)
		add_block(reader, &blocks[i]);
	for (size_t i = 0; i < n && all->take; i++)
		all->take(all->context, &blocks[i]);
}

/* ---- a piece of it ---- */

static void note_end(struct reader *reader, enum walk_end end, uint64_t at)
{
	static const char *const codes[] = { NULL, "heap-swapped", "heap-unread", "heap-moving",
					     "heap-corrupt" };
	static const char *const reasons[] = {
		NULL,
		"is in swap, and the rest of it is not known",
		"may not be in memory, as the page map cannot be read, and the rest of it is not known",
		"changes faster than it can be read, and the rest of it is not known",
		"has an impossible size: the heap is corrupt, or a thread is changing it; the rest of it is not "
		"known",
	};

	if (end == WALK_BROKEN) {
		reader->all->heap->is_broken = true;
		reader->all->heap->broken_sum += at;
	}
	reader->is_partial |= end != WALK_DONE;
	if (end != WALK_DONE)
		notes_warn(reader->all->notes, codes[end], "arena %" PRIx64 ": the block at %" PRIx64 " %s",
			   reader->arena->address, at, reasons[end]);
}

static void walk_piece(struct reader *reader, struct heap_walk *walk)
{
	struct heap_reader *all = reader->all;
	enum walk_end end;

	walk->memory = reader->memory;
	walk->layout = reader->layout;
	walk->arena = reader->arena->address;
	walk->index = (uint32_t)all->heap->n_arenas - 1;
	walk->take = take_blocks;
	walk->context = reader;
	reader->next_fast = 0;
	reader->run_start = reader->run_end = 0;
	end = heap_walk_piece(walk);
	close_run(reader, false);
	note_end(reader, end, walk->at);
	reader->arena->heaps++;
	if (!heap_memory_knows_residence(reader->memory))
		reader->arena->resident = UNKNOWN;
	mem_grow(all->walked, all->n_walked, all->cap_walked);
	all->walked[all->n_walked++] =
		(struct walked_range){ walk->piece.start, walk->at, all->heap->n_arenas - 1 };
}

static void add_resident(struct reader *reader, uint64_t start, uint64_t end)
{
	struct heap_arena *arena = reader->arena;
	uint64_t bytes = heap_memory_resident(reader->memory, start, end);

	if (arena->resident != UNKNOWN)
		arena->resident =
			heap_memory_knows_residence(reader->memory) ? arena->resident + bytes : UNKNOWN;
}

static void walk_main(struct reader *reader, struct malloc_state *state)
{
	struct heap_walk walk = { 0 };
	const struct facts *facts = &reader->all->space->facts;
	uint64_t before; /* bytes left out so that blocks are aligned */
	enum walk_end end;

	if (state->system == 0)
		return;
	end = find_main_piece(reader->memory, reader->layout, facts, state, &walk.piece);
	if (end != WALK_DONE) {
		note_end(reader, end, state->top);
		return;
	}
	/* The arena may grow while it is read. */
	walk.limit = walk.piece.end + ARENA_GROWTH_MAX;
	reader->is_piece_main = true;
	before = walk.piece.start - (walk.piece.end - state->system);
	walk_piece(reader, &walk);
	reader->arena->used += before < 16 ? before : 0;
	add_resident(reader, page_floor(walk.piece.start, facts->page_size),
		     page_ceil(walk.piece.end, facts->page_size));
}

static void walk_heap(struct reader *reader, const struct malloc_state *state, const struct arena_heap *heap)
{
	struct heap_walk walk = {
		.limit = heap->start + arena_room(reader->layout->word_size),
		.heap = heap->start,
	};

	if (!find_heap_piece(reader->memory, reader->layout, state, heap, &walk.piece))
		return;
	reader->is_piece_main = false;
	walk_piece(reader, &walk);
	reader->arena->used += walk.piece.start - heap->start;
	add_resident(reader, heap->start, page_ceil(walk.piece.end, reader->layout->page_size));
}

/* ---- all of it ---- */

static bool may_be_fast(void *context, uint64_t start, uint64_t size)
{
	struct reader *reader = context;

	return may_be_heap(&reader->all->space->facts, start) && size >= malloc_min_size(reader->layout);
}

static void read_fast(struct reader *reader, const struct malloc_state *state)
{
	reader->fast = (struct cache_lists){
		.memory = reader->memory,
		.layout = reader->layout,
		.may_hold = may_be_fast,
		.context = reader,
		.all = &reader->all->cached,
	};
	cache_read_fast(&reader->fast, state);
	cache_settle(&reader->fast);
}

/*
 * A single thread uses the main arena. If there are more, the thread-local variables of each say
 * which arena it uses. An arena that seems unused may belong to a thread whose arena is not known.
 */
static void find_users(struct heap_arena *arena, const struct facts *facts)
{
	bool has_one = facts->process.threads == 1 && facts->process.pid > 0;
	size_t n_known = has_one;
	size_t n_unread = 0;

	for (size_t i = 0; i < facts->n_threads && !has_one; i++) {
		n_unread += facts->threads[i].arena == UNKNOWN;
		n_known += facts->threads[i].arena != UNKNOWN && facts->threads[i].arena != 0;
	}
	if (n_known == 0)
		return;
	arena->tids = mem_array(facts->n_threads + 1, sizeof(*arena->tids));
	if (has_one && arena->kind == ARENA_MAIN)
		arena->tids[arena->n_tids++] = facts->process.pid;
	for (size_t i = 0; i < facts->n_threads && !has_one; i++)
		if (facts->threads[i].arena == arena->address)
			arena->tids[arena->n_tids++] = facts->threads[i].tid;
	if (arena->n_tids == 0 && n_unread > 0) {
		free(arena->tids);
		arena->tids = NULL;
	}
}

/*
 * What was walked counts, even if the state was read before some of it was added or after some was
 * released.
 */
static void settle(const struct reader *reader)
{
	struct heap_arena *arena = reader->arena;
	uint64_t sum = arena->used + arena->cached + arena->free + arena->top;
	uint64_t rest;

	arena->system = MAX(arena->system, sum);
	arena->unwalked = arena->system - sum;
	arena->walked = heap_walked(arena);
	if (arena->resident == UNKNOWN) {
		arena->returnable = arena->pinned = arena->spare = UNKNOWN;
		return;
	}
	arena->returnable = MIN(arena->returnable, arena->resident);
	rest = reader->free_resident - MIN(reader->free_resident, arena->returnable);
	arena->spare = MIN(arena->spare, rest);
	arena->pinned = rest - arena->spare;
}

/* The arena may have got another heap, or the map may have been read before a heap existed. */
static void note_rest(const struct reader *reader, uint64_t before)
{
	bool has_grown = reader->arena->system > before;

	if (reader->arena->unwalked > 0 && !reader->is_partial)
		notes_warn(reader->all->notes, has_grown ? "heap-moving" : "heap-unread",
			   "arena %" PRIx64 ": %s, and the rest of it is not known", reader->arena->address,
			   has_grown ? "grew while it was read" : "not all of its memory was found");
}

void read_arena(struct heap_reader *heap_reader, const struct malloc_layout *layout, enum arena_kind kind,
		struct malloc_state *state)
{
	const struct facts *facts = &heap_reader->space->facts;
	struct reader reader = {
		.all = heap_reader,
		.memory = &heap_reader->memory,
		.layout = layout,
		.arena = heap_add_arena(heap_reader->heap, kind, state->address),
	};
	struct malloc_state now;

	reader.arena->state_size = malloc_state_size(layout);
	read_fast(&reader, state);
	if (kind == ARENA_MAIN)
		walk_main(&reader, state);
	for (size_t i = 0; i < facts->n_heaps; i++)
		if (facts->heaps[i].arena == state->address)
			walk_heap(&reader, state, &facts->heaps[i]);
	heap_memory_forget(reader.memory);
	reader.arena->system = state->system;
	if (malloc_state_read(reader.memory, layout, state->address, &now))
		reader.arena->system = now.system;
	find_users(reader.arena, facts);
	settle(&reader);
	note_rest(&reader, state->system);
	free(reader.fast.starts);
}
