/* SPDX-License-Identifier: MIT */
#include "heap/walk_blocks.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define PREV_IN_USE 1
#define IS_MAPPED 2
#define SIZE_MASK (~UINT64_C(7))

/*
 * The process may keep running. A block is believed only when the walk has got some way beyond it:
 * after an impossible size, the walk starts again at the end of the believed blocks.
 */
#define PENDING_MAX 4096
#define PENDING_BYTES (UINT64_C(1) << 16)
#define TRIES 8	      /* that fail in the same way in the same place */
#define TRIES_ALL 512 /* in one piece */
#define RESUMES 12    /* walks again from its beginning */
#define PROOFS 4      /* resumes in a row that fail at one place: the heap is corrupt */

enum step { STEP_ON, STEP_END, STEP_WRONG };

struct walker {
	struct heap_walk *walk;
	struct heap_block *pending; /* room for PENDING_MAX */
	size_t n_pending;
	uint64_t top; /* 0: not in this piece, or moving */
	uint64_t at, header;
	uint64_t wrong, wrong_header; /* where it failed last */
	unsigned n_alike;	      /* times that it failed there in the same way */
	unsigned n_barred;	      /* resumes in a row that failed there */
	bool is_swapped;
};

/* ---- what is believed ---- */

static void settle(struct walker *walker, size_t n)
{
	struct heap_walk *walk = walker->walk;

	if (n == 0)
		return;
	walk->take(walk->context, walker->pending, n);
	walk->at = walker->pending[n - 1].end;
	walker->n_pending -= n;
	memmove(walker->pending, walker->pending + n, walker->n_pending * sizeof(*walker->pending));
}

static void add(struct walker *walker, uint64_t end, enum block_state state)
{
	walker->pending[walker->n_pending++] = (struct heap_block){
		.start = walker->at,
		.end = end,
		.state = state,
		.arena = walker->walk->index,
	};
	walker->at = end;
	if (walker->n_pending == PENDING_MAX || end - walker->pending[0].start >= PENDING_BYTES)
		settle(walker, (walker->n_pending + 1) / 2);
}

static inline bool read_header(struct walker *walker, uint64_t addr, uint64_t *ret)
{
	struct heap_memory *memory = walker->walk->memory;
	uint64_t word = addr + memory->word_size;

	if (likely(heap_memory_word(memory, word, ret)))
		return true;
	walker->is_swapped = heap_memory_presence(memory, word) == PAGE_SWAPPED;
	return false;
}

/* ---- where a heap ends ---- */

/* Where a heap could not grow further, sysmalloc() puts two blocks that are too small to be real ones. */
static bool is_end(const struct walker *walker, uint64_t size)
{
	const struct heap_walk *walk = walker->walk;

	return size == 2 * walk->layout->word_size || (size == 0 && walker->at != walk->piece.start);
}

static bool is_size(const struct walker *walker, uint64_t at, uint64_t header)
{
	const struct heap_walk *walk = walker->walk;
	uint64_t size = header & SIZE_MASK;

	return size >= malloc_min_size(walk->layout) && size % (2 * walk->layout->word_size) == 0 &&
	       !(header & IS_MAPPED) && size <= walk->piece.end - at;
}

#define PROOF 16 /* valid blocks in a row that cannot be chance */

static bool is_block(struct walker *walker, uint64_t at)
{
	const struct heap_walk *walk = walker->walk;

	for (size_t i = 0; i < PROOF; i++) {
		uint64_t header;

		if (walk->piece.end - at < malloc_min_size(walk->layout) ||
		    !read_header(walker, at, &header) || !is_size(walker, at, header) ||
		    (i == 0 && !(header & PREV_IN_USE)))
			return false;
		if (at == walker->top)
			return true;
		at += header & SIZE_MASK;
	}
	return true;
}

static bool is_at_wrong(const struct walker *walker)
{
	return walker->at == walker->wrong && walker->header == walker->wrong_header;
}

/* Nothing was found a moment ago, and the search may be long: it is made again soon, and at the end. */
static bool should_seek_again(const struct walker *walker)
{
	return walker->n_alike == TRIES - 1 && (walker->n_barred == 0 || walker->n_barred == PROOFS - 1);
}

/*
 * If other code has called sbrk(2), the main heap continues after what that code got, most likely
 * at a page boundary. The memory between counts as malloc's, since malloc itself counts it so.
 */
static enum step step_over(struct walker *walker)
{
	const struct heap_walk *walk = walker->walk;
	uint64_t page_size = walk->layout->page_size;
	uint64_t first = 16 - 2 * walk->layout->word_size; /* offset in a page, to align user data */
	uint64_t page = page_ceil(walker->at + 1, page_size);

	if (is_at_wrong(walker) && !should_seek_again(walker))
		return STEP_WRONG;
	while ((page = heap_memory_next(walk->memory, page, walk->piece.end)) != UNKNOWN) {
		if (!is_block(walker, page + first)) {
			page += page_size;
			continue;
		}
		add(walker, page + first, BLOCK_OTHER);
		walker->is_swapped = false;
		return read_header(walker, walker->at, &walker->header) ? STEP_ON : STEP_WRONG;
	}
	return STEP_WRONG;
}

static enum step step_to_end(struct walker *walker)
{
	const struct heap_walk *walk = walker->walk;

	if (walk->is_last)
		return step_over(walker);
	if (walk->piece.end - walker->at > 2 * malloc_min_size(walk->layout))
		return STEP_WRONG;
	add(walker, walk->piece.end, BLOCK_OTHER);
	return STEP_END;
}

/* ---- a step ---- */

static enum step step(struct walker *walker)
{
	const struct heap_walk *walk = walker->walk;
	uint64_t size = walker->header & SIZE_MASK;
	uint64_t next = walker->at + size;
	uint64_t header;

	if (walker->at == walker->top && next == walk->piece.end) {
		add(walker, next, BLOCK_TOP);
		return STEP_END;
	}
	if (unlikely(is_end(walker, size)))
		return step_to_end(walker);
	if (unlikely(!is_size(walker, walker->at, walker->header) ||
		     walk->piece.end - next < 2 * walk->layout->word_size ||
		     !read_header(walker, next, &header)))
		return STEP_WRONG;
	add(walker, next, header & PREV_IN_USE ? BLOCK_USED : BLOCK_FREE);
	walker->header = header;
	return STEP_ON;
}

/* ---- starting and retrying ---- */

/* While the top moves, the state says how large the main arena's memory is. */
static uint64_t end_of_main(const struct heap_walk *walk, const struct malloc_state *state, uint64_t top_end)
{
	return top_end ? top_end : page_floor(walk->piece.start + state->system, walk->layout->page_size);
}

/* The top moves on to a new heap, and comes back when that heap is released. */
static bool find_end(struct walker *walker, const struct malloc_state *state, uint64_t top_end)
{
	struct heap_walk *walk = walker->walk;
	uint64_t size;

	walk->is_last = state->top >= walk->piece.start && state->top < walk->limit;
	walker->top = walk->is_last && top_end ? state->top : 0;
	if (walk->heap) {
		if (!heap_memory_peek(walk->memory, walk->heap + 2 * walk->layout->word_size, &size))
			return false;
		walk->piece.end = walk->heap + (size & SIZE_MASK);
	} else if (walk->is_last) {
		walk->piece.end = end_of_main(walk, state, top_end);
	} else {
		return false;
	}
	return walk->piece.end > walk->piece.start && walk->piece.end <= walk->limit;
}

/* Looks at the piece again from a block on: where it ends now, and which pages are in memory. */
static bool look(struct walker *walker, uint64_t from)
{
	struct heap_walk *walk = walker->walk;
	uint64_t page_size = walk->layout->page_size;
	struct malloc_state state;
	uint64_t top_end;
	uint64_t end;

	if (!malloc_state_read_end(walk->memory, walk->layout, walk->arena, &state, &top_end) ||
	    !find_end(walker, &state, top_end))
		return false;
	end = page_ceil(walk->piece.end, page_size);
	return from == walk->piece.start ?
		       heap_memory_cover(walk->memory, page_floor(from, page_size), end) :
		       heap_memory_cover_again(walk->memory, page_floor(from, page_size), end);
}

static bool restart(struct walker *walker)
{
	walker->n_pending = 0;
	walker->at = walker->walk->at;
	walker->is_swapped = false;
	return look(walker, walker->at) && walker->at < walker->walk->piece.end &&
	       read_header(walker, walker->at, &walker->header);
}

static bool is_as_before(struct walker *walker)
{
	walker->n_alike = is_at_wrong(walker) ? walker->n_alike + 1 : 0;
	walker->wrong = walker->at;
	walker->wrong_header = walker->header;
	return walker->n_alike >= TRIES;
}

static enum walk_end end_at(struct walker *walker, enum walk_end end)
{
	settle(walker, walker->n_pending);
	return end;
}

/*
 * The place where the settled blocks end may since be in the middle of a larger block. Walks from
 * the beginning to the first block at or after that place; the bytes between were malloc's all the
 * time. False: the walk does not get there.
 */
static bool resume(struct walker *walker)
{
	struct heap_walk *walk = walker->walk;
	uint64_t at = walk->piece.start;
	uint64_t header;

	walker->n_pending = 0;
	walker->is_swapped = false;
	if (!look(walker, walk->piece.start))
		return false;
	while (at < walk->at && read_header(walker, at, &header) && is_size(walker, at, header))
		at += header & SIZE_MASK;
	if (at < walk->at || at >= walk->piece.end)
		return false;
	walker->at = walk->at;
	if (at > walk->at)
		add(walker, at, BLOCK_OTHER);
	settle(walker, walker->n_pending);
	return read_header(walker, at, &walker->header);
}

/* Memory that does not change while it is read stays as wrong as it is. */
static bool is_still(const struct source *source)
{
	return source->is_held || !source->is_native;
}

static enum walk_end walk_piece(struct heap_walk *walk)
{
	_cleanup_free_ struct heap_block *pending = mem_array(PENDING_MAX, sizeof(*pending));
	struct walker walker = { .walk = walk, .pending = pending, .wrong = UNKNOWN };
	uint64_t resumed = UNKNOWN; /* place of the failure that the last resume() got past */
	size_t n_resumed = 0;
	bool is_there;

	walk->at = walk->piece.start;
	is_there = restart(&walker);
	for (size_t tries = 0; tries < TRIES_ALL; tries++) {
		enum step last = STEP_ON;

		while (is_there && last == STEP_ON)
			last = step(&walker);
		if (last == STEP_END)
			return end_at(&walker, WALK_DONE);
		if (walker.is_swapped || walk->memory->is_blind)
			return end_at(&walker, walker.is_swapped ? WALK_SWAPPED : WALK_UNREAD);
		if (is_there && is_still(walk->memory->source))
			return end_at(&walker, WALK_BROKEN);
		if (!is_as_before(&walker)) {
			is_there = restart(&walker);
			continue;
		}
		walker.n_barred = resumed == walker.wrong ? walker.n_barred + 1 : 0;
		if (walker.n_barred == PROOFS)
			return end_at(&walker, WALK_BROKEN);
		if (n_resumed++ == RESUMES)
			return end_at(&walker, WALK_MOVING);
		heap_memory_wait(walk->memory, walker.n_barred);
		is_there = resume(&walker);
		resumed = is_there ? walker.wrong : UNKNOWN;
		walker.n_alike = 0;
	}
	return WALK_MOVING;
}

/*
 * Waits for a heap that stays corrupt count: a process may have thousands of them. If its threads are
 * busy, as many may change while they are read, and need waits that help: a tenth of those counts.
 */
enum walk_end heap_walk_piece(struct heap_walk *walk)
{
	unsigned waited = walk->memory->waited;
	enum walk_end end = walk_piece(walk);

	if (end != WALK_BROKEN)
		walk->memory->waited = waited + (walk->memory->waited - waited) / 10;
	return end;
}
