/* SPDX-License-Identifier: MIT */
#include "heap/heap.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/range.h"
#include "heap/cached_blocks.h"
#include "heap/mmapped_blocks.h"
#include "heap/other_allocators.h"

#define THREAD_CACHES_MAX 65536 /* blocks that are looked at, whether a thread keeps its cache in them */
#define MAINS_MAX 16
#define STATES_MAX 65536

struct main_arena {
	struct malloc_layout layout;
	uint64_t address;
};

/* What was walked. */
struct walked {
	uint64_t start, end;
	size_t arena;
};

struct thread_cache {
	uint64_t start, size;
};

struct reader {
	struct heap_memory memory;
	const struct space *space;
	struct heap *heap;
	struct notes *notes;
	take_block_fn *take;
	void *context;

	struct main_arena mains[MAINS_MAX];
	size_t n_mains;
	struct walked *walked;
	size_t n_walked, cap_walked;
	struct thread_cache *caches;
	size_t n_caches, cap_caches;

	/* Of the arena that is walked: */
	const struct malloc_layout *layout;
	struct heap_arena *arena;
	struct cache_lists fast;
	size_t next_fast;
	uint64_t run_start, run_end; /* blocks that malloc_trim(3) would make one */
	uint64_t free_resident;
	bool is_piece_main;
	bool is_partial; /* a note says that some of it is not known */
};

/* ---- what a block adds ---- */

/*
 * malloc_trim(3) keeps the beginning of a free block, where its links are, and of the top of the main arena the
 * smallest block. The tops of other arenas it leaves.
 */
static void close_run(struct reader *reader, bool is_top)
{
	uint64_t page_size = reader->layout->page_size;
	uint64_t keeps = is_top ? malloc_min_size(reader->layout) + 1 : 6 * reader->layout->word_size;
	uint64_t start = page_ceil(reader->run_start + keeps, page_size);
	uint64_t end = page_floor(reader->run_end, page_size);

	if (start < end && (!is_top || reader->is_piece_main))
		reader->arena->returnable += heap_memory_resident(&reader->memory, start, end);
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

/* Both are in the order of addresses. */
static bool is_fast(struct reader *reader, uint64_t start)
{
	while (reader->next_fast < reader->fast.n && reader->fast.starts[reader->next_fast] < start)
		reader->next_fast++;
	return reader->next_fast < reader->fast.n && reader->fast.starts[reader->next_fast] == start;
}

static void add_used(struct reader *reader, const struct heap_block *block)
{
	uint64_t size = block->end - block->start;

	reader->arena->used += size;
	reader->arena->blocks++;
	if (cache_may_be_thread(reader->layout, size) && reader->n_caches < THREAD_CACHES_MAX) {
		mem_grow(reader->caches, reader->n_caches, reader->cap_caches);
		reader->caches[reader->n_caches++] = (struct thread_cache){ block->start, size };
	}
}

static void add_cached(struct reader *reader, uint64_t start)
{
	struct heap *heap = reader->heap;

	mem_grow(heap->cached, heap->n_cached, heap->cap_cached);
	heap->cached[heap->n_cached++] = start;
}

static void take_block(void *context, const struct heap_block *found)
{
	struct reader *reader = context;
	struct heap_block block = *found;
	uint64_t size = block.end - block.start;

	block.arena = (uint32_t)reader->heap->n_arenas - 1;
	if (block.state == BLOCK_USED && is_fast(reader, block.start))
		block.state = BLOCK_CACHED;
	if (block.state == BLOCK_USED)
		add_used(reader, &block);
	else if (block.state == BLOCK_OTHER)
		reader->arena->used += size;
	else if (block.state == BLOCK_CACHED)
		reader->arena->cached += size;
	if (block.state == BLOCK_CACHED)
		add_cached(reader, block.start);
	if (block.state == BLOCK_FREE)
		reader->arena->free += size;
	if (block.state == BLOCK_TOP)
		reader->arena->top += size;
	if (block.state == BLOCK_FREE || block.state == BLOCK_TOP)
		reader->free_resident += heap_memory_resident(&reader->memory, block.start, block.end);
	if (block.state == BLOCK_FREE || block.state == BLOCK_TOP || block.state == BLOCK_CACHED)
		add_to_run(reader, &block);
	if (reader->take)
		reader->take(reader->context, &block);
}

/* ---- a piece of an arena ---- */

static void note_end(struct reader *reader, enum walk_end end, uint64_t at)
{
	static const char *const codes[] = { NULL, "heap-swapped", "heap-moving", "heap-corrupt" };
	static const char *const reasons[] = {
		NULL,
		"is in swap, and the rest of it is not known",
		"changes faster than it can be read, and the rest of it is not known",
		"has a size that cannot be: the heap is corrupt, or a thread stands in the middle of a change; the rest of it is not known",
	};

	reader->heap->is_broken |= end == WALK_BROKEN;
	reader->is_partial |= end != WALK_DONE;
	if (end != WALK_DONE)
		notes_warn(reader->notes, codes[end], "arena %" PRIx64 ": the block at %" PRIx64 " %s",
			   reader->arena->address, at, reasons[end]);
}

static void walk_piece(struct reader *reader, struct heap_walk *walk)
{
	enum walk_end end;

	walk->memory = &reader->memory;
	walk->layout = reader->layout;
	walk->arena = reader->arena->address;
	walk->take = take_block;
	walk->context = reader;
	reader->next_fast = 0;
	reader->run_start = reader->run_end = 0;
	end = heap_walk_piece(walk);
	close_run(reader, false);
	note_end(reader, end, walk->at);
	reader->arena->heaps++;
	if (!reader->memory.has_residence)
		reader->arena->resident = UNKNOWN;
	mem_grow(reader->walked, reader->n_walked, reader->cap_walked);
	reader->walked[reader->n_walked++] =
		(struct walked){ walk->piece.start, walk->at, reader->heap->n_arenas - 1 };
}

static void add_resident(struct reader *reader, uint64_t start, uint64_t end)
{
	if (reader->arena->resident != UNKNOWN)
		reader->arena->resident += heap_memory_resident(&reader->memory, start, end);
}

/* What the program gets is aligned to 16 bytes; before it stands a header of two words. */
static uint64_t align_block(const struct malloc_layout *layout, uint64_t addr)
{
	return page_ceil(addr + 2 * layout->word_size, 16) - 2 * layout->word_size;
}

static bool is_start(struct reader *reader, uint64_t start)
{
	uint64_t header;
	uint64_t word = reader->layout->word_size;

	return may_be_heap(&reader->space->facts, start) &&
	       heap_memory_peek(&reader->memory, start + word, &header) && header & 1 &&
	       (header & ~UINT64_C(7)) >= malloc_min_size(reader->layout);
}

/* The heap may have grown since the map was read: then the mapping below is the one. */
static uint64_t mapping_start(const struct facts *facts, uint64_t addr)
{
	size_t i = facts_find_mapping(facts, addr);

	if (i < facts->n_mappings && facts->mappings[i].start <= addr)
		return facts->mappings[i].start;
	return i > 0 ? facts->mappings[i - 1].start : 0;
}

#define PAGES_BEFORE_MAX 16 /* taken with sbrk(2) before malloc, as for the main thread of a static program */

/*
 * Where the top moves, its end is not known. The memory ends at a page, and is as large as the state says: so where
 * in a page it begins is known.
 */
static bool find_moving_piece(struct reader *reader, const struct malloc_state *state, struct heap_piece *ret)
{
	uint64_t page_size = reader->layout->page_size;
	uint64_t at = mapping_start(&reader->space->facts, state->top) + (-state->system & (page_size - 1));

	for (size_t i = 0; i < PAGES_BEFORE_MAX; i++, at += page_size) {
		ret->start = align_block(reader->layout, at);
		ret->end = at + state->system;
		if (is_start(reader, ret->start))
			return ret->start <= state->top && ret->end > state->top;
	}
	return false;
}

/*
 * The main arena's memory ends with its top, and is as large as the state says; where it had to go on
 * elsewhere, the part with the top at least begins with its mapping.
 */
static bool find_main_piece(struct reader *reader, const struct malloc_state *state, uint64_t end,
			    struct heap_piece *ret)
{
	const struct facts *facts = &reader->space->facts;

	if (end == 0)
		return find_moving_piece(reader, state, ret);
	ret->end = end;
	ret->start = align_block(reader->layout, ret->end - state->system);
	if (!is_start(reader, ret->start) || ret->start > state->top)
		ret->start = align_block(reader->layout, mapping_start(facts, state->top));
	return is_start(reader, ret->start) && ret->start <= state->top;
}

#define TRIES 8

/* WALK_BROKEN only where all tries found the same. */
static enum walk_end wait_for_main_piece(struct reader *reader, struct malloc_state *state,
					 struct heap_piece *ret)
{
	enum walk_end failed = WALK_BROKEN;
	struct malloc_state before = *state;

	for (unsigned i = 0; i < TRIES; i++) {
		uint64_t end;

		if (!malloc_state_read_end(&reader->memory, reader->layout, state->address, state, &end))
			return WALK_MOVING;
		if (find_main_piece(reader, state, end, ret))
			return WALK_DONE;
		if (state->top != before.top || state->system != before.system)
			failed = WALK_MOVING;
		before = *state;
		heap_memory_wait(&reader->memory, i);
	}
	return failed;
}

static void walk_main(struct reader *reader, struct malloc_state *state)
{
	struct heap_walk walk = { 0 };
	const struct facts *facts = &reader->space->facts;
	uint64_t before; /* what was left out, so that blocks are aligned */
	enum walk_end end;

	if (state->system == 0)
		return;
	end = wait_for_main_piece(reader, state, &walk.piece);
	if (end != WALK_DONE) {
		note_end(reader, end, state->top);
		return;
	}
	/* While it is read it may grow. */
	walk.limit = walk.piece.end + (UINT64_C(1) << 30);
	reader->is_piece_main = true;
	before = walk.piece.start - (walk.piece.end - state->system);
	walk_piece(reader, &walk);
	reader->arena->used += before < 16 ? before : 0;
	add_resident(reader, page_floor(walk.piece.start, facts->page_size),
		     page_ceil(walk.piece.end, facts->page_size));
}

/* heap_info: the arena, the heap before, the size, ... */
static void walk_heap(struct reader *reader, const struct malloc_state *state, const struct arena_heap *heap)
{
	const struct malloc_layout *layout = reader->layout;
	uint64_t room = arena_room(layout->word_size);
	uint64_t header = state->address & (room - 1);
	bool is_first = heap->start == state->address - header;
	struct heap_walk walk = {
		.limit = heap->start + room,
		.heap = heap->start,
	};
	uint64_t size;

	if (!heap_memory_peek(&reader->memory, heap->start + 2 * layout->word_size, &size) || size > room)
		return;
	walk.piece.start = align_block(layout, is_first ? state->address + malloc_state_size(layout) :
							  heap->start + header);
	walk.piece.end = heap->start + size;
	reader->is_piece_main = false;
	if (walk.piece.start >= walk.piece.end)
		return;
	walk_piece(reader, &walk);
	reader->arena->used += walk.piece.start - heap->start;
	add_resident(reader, heap->start, page_ceil(walk.piece.end, layout->page_size));
}

/* ---- an arena ---- */

static bool may_be_fast(void *context, uint64_t start, uint64_t size)
{
	struct reader *reader = context;

	return may_be_heap(&reader->space->facts, start) && size >= malloc_min_size(reader->layout);
}

/* Where there is one thread, it is the main arena's; of more, which arena a thread uses is in its own variables. */
static void find_users(struct heap_arena *arena, const struct facts *facts)
{
	bool has_one = facts->process.threads == 1 && facts->process.pid > 0;
	bool is_known = has_one;

	for (size_t i = 0; i < facts->n_threads; i++)
		is_known |= facts->threads[i].arena != 0;
	if (!is_known)
		return;
	arena->tids = mem_array(facts->n_threads + 1, sizeof(*arena->tids));
	if (has_one && arena->kind == ARENA_MAIN)
		arena->tids[arena->n_tids++] = facts->process.pid;
	for (size_t i = 0; i < facts->n_threads && !has_one; i++)
		if (facts->threads[i].arena == arena->address)
			arena->tids[arena->n_tids++] = facts->threads[i].tid;
}

/* What is there counts, even if the state was read before some of it came or after some went. */
static void settle(struct heap_arena *arena, const struct reader *reader)
{
	uint64_t sum = arena->used + arena->cached + arena->free + arena->top;

	arena->system = MAX(arena->system, sum);
	arena->unwalked = arena->system - sum;
	arena->walked = arena->system == 0   ? 100 :
			arena->unwalked == 0 ? 100 :
					       MIN(99, (uint64_t)((double)sum * 100 / (double)arena->system));
	if (arena->resident == UNKNOWN) {
		arena->returnable = arena->pinned = UNKNOWN;
		return;
	}
	arena->returnable = MIN(arena->returnable, arena->resident);
	arena->pinned = reader->free_resident - MIN(reader->free_resident, arena->returnable);
}

static void note_growth(const struct reader *reader, uint64_t before)
{
	if (reader->arena->unwalked > 0 && reader->arena->system > before && !reader->is_partial)
		notes_warn(reader->notes, "heap-moving",
			   "arena %" PRIx64 ": grew while it was read, and the rest of it is not known",
			   reader->arena->address);
}

static struct heap_arena *add_arena(struct heap *heap, enum arena_kind kind, uint64_t address)
{
	mem_grow(heap->arenas, heap->n_arenas, heap->cap_arenas);
	heap->arenas[heap->n_arenas] = (struct heap_arena){ .kind = kind, .address = address };
	return &heap->arenas[heap->n_arenas++];
}

static void read_arena(struct reader *reader, enum arena_kind kind, struct malloc_state *state)
{
	const struct facts *facts = &reader->space->facts;
	struct malloc_state now;

	reader->arena = add_arena(reader->heap, kind, state->address);
	reader->arena->state_size = malloc_state_size(reader->layout);
	reader->free_resident = 0;
	reader->is_partial = false;
	reader->fast = (struct cache_lists){
		.memory = &reader->memory,
		.layout = reader->layout,
		.may_hold = may_be_fast,
		.context = reader,
	};
	cache_read_fast(&reader->fast, state);
	cache_settle(&reader->fast);
	if (kind == ARENA_MAIN)
		walk_main(reader, state);
	for (size_t i = 0; i < facts->n_heaps; i++)
		if (facts->heaps[i].arena == state->address)
			walk_heap(reader, state, &facts->heaps[i]);
	heap_memory_forget(&reader->memory);
	reader->arena->system = state->system;
	if (malloc_state_read(&reader->memory, reader->layout, state->address, &now))
		reader->arena->system = now.system;
	find_users(reader->arena, facts);
	settle(reader->arena, reader);
	note_growth(reader, state->system);
	free(reader->fast.starts);
}

static void read_chain(struct reader *reader, const struct main_arena *main)
{
	struct malloc_state state;
	enum arena_kind kind = ARENA_MAIN;
	uint64_t at = main->address;

	reader->layout = &main->layout;
	for (size_t i = 0; i < STATES_MAX; i++) {
		if (!malloc_state_read(&reader->memory, reader->layout, at, &state)) {
			notes_warn(reader->notes, "heap-unread", "the arena at %" PRIx64 " could not be read",
				   at);
			break;
		}
		read_arena(reader, kind, &state);
		kind = ARENA_OF_THREADS;
		at = state.next;
		if (at == main->address)
			break;
	}
}

/* ---- caches of threads ---- */

static const struct walked *find_walked(const struct reader *reader, uint64_t addr)
{
	size_t i = range_find(reader->walked, reader->n_walked, sizeof(*reader->walked), addr);

	return i < reader->n_walked && reader->walked[i].start <= addr ? &reader->walked[i] : NULL;
}

static bool may_be_cached(void *context, uint64_t start, uint64_t size)
{
	const struct reader *reader = context;
	const struct walked *walked = find_walked(reader, start);

	return walked && size >= malloc_min_size(reader->layout) && size <= walked->end - start;
}

/* They were taken for blocks in use. */
static void count_cached(struct reader *reader, uint64_t start)
{
	const struct walked *walked = find_walked(reader, start);
	struct heap_arena *arena;
	uint64_t size;

	if (!walked || heap_is_cached(reader->heap, start) ||
	    !heap_memory_peek(&reader->memory, start + reader->layout->word_size, &size))
		return;
	size &= ~UINT64_C(7);
	arena = &reader->heap->arenas[walked->arena];
	if (size > arena->used || arena->blocks == 0)
		return;
	arena->used -= size;
	arena->cached += size;
	arena->blocks--;
}

static int compare_starts(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void sort_cached(struct heap *heap)
{
	if (heap->n_cached > 0)
		mem_sort(heap->cached, heap->n_cached, sizeof(*heap->cached), compare_starts);
}

static void read_thread_caches(struct reader *reader)
{
	struct cache_lists lists = {
		.memory = &reader->memory,
		.layout = reader->layout,
		.may_hold = may_be_cached,
		.context = reader,
	};

	range_sort(reader->walked, reader->n_walked, sizeof(*reader->walked));
	sort_cached(reader->heap);
	heap_memory_forget(&reader->memory);
	for (size_t i = 0; i < reader->n_caches; i++)
		cache_read_thread(&lists, reader->caches[i].start, reader->caches[i].size);
	cache_settle(&lists);
	for (size_t i = 0; i < lists.n; i++)
		count_cached(reader, lists.starts[i]);
	for (size_t i = 0; i < lists.n; i++)
		add_cached(reader, lists.starts[i]);
	sort_cached(reader->heap);
	free(lists.starts);
}

/* ---- all of it ---- */

static void add_main(void *context, const struct malloc_layout *layout, uint64_t address)
{
	struct reader *reader = context;

	for (size_t i = 0; i < reader->n_mains; i++)
		if (reader->mains[i].address == address)
			return;
	if (reader->n_mains < MAINS_MAX)
		reader->mains[reader->n_mains++] = (struct main_arena){ *layout, address };
}

static void take_mapped(void *context, const struct heap_block *found)
{
	const struct reader *reader = context;
	struct heap_block block = *found;

	block.arena = (uint32_t)reader->heap->n_arenas - 1;
	if (reader->take)
		reader->take(reader->context, &block);
}

static void read_mapped(struct reader *reader)
{
	reader->arena = add_arena(reader->heap, ARENA_MAPPED, UNKNOWN);
	read_mapped_blocks(&reader->memory, reader->space, reader->arena, take_mapped, reader);
	reader->arena->system = reader->arena->used;
	reader->arena->walked = 100;
}

static void note_others(const struct reader *reader)
{
	struct heap *heap = reader->heap;
	const char *others = heap->others;

	if (!heap->is_missing && others)
		notes_add(reader->notes, "heap-other", "heap of %s: not looked into", others);
	else if (others)
		notes_warn(reader->notes, "heap-other", "heap of %s: not looked into", others);
	else if (heap->is_missing)
		notes_warn(reader->notes, "heap-unknown",
			   "no arena of glibc's malloc was found: this heap is not known");
}

void read_heap(struct source *source, const struct space *space, take_block_fn *take, void *context,
	       struct heap *ret, struct notes *notes)
{
	struct reader reader = {
		.space = space, .heap = ret, .notes = notes, .take = take, .context = context
	};

	*ret = (struct heap){ .others = find_other_allocators(space) };
	if (space->facts.word_size != 0) {
		heap_memory_init(&reader.memory, source, &space->facts);
		for (size_t i = 0; i < TRIES && reader.n_mains == 0; i++) {
			heap_memory_forget(&reader.memory);
			find_main_arenas(&reader.memory, space, add_main, &reader);
		}
		for (size_t i = 0; i < reader.n_mains; i++)
			read_chain(&reader, &reader.mains[i]);
		if (reader.n_mains > 0) {
			read_thread_caches(&reader);
			read_mapped(&reader);
		}
		heap_memory_done(&reader.memory);
	}
	ret->is_missing = ret->n_arenas == 0;
	heap_add_up(ret);
	note_others(&reader);
	free(reader.walked);
	free(reader.caches);
}
