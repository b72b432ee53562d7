/* SPDX-License-Identifier: MIT */
#include "heap/arena_pieces.h"

/* Where a piece is looked for. */
struct place {
	struct heap_memory *memory;
	const struct malloc_layout *layout;
	const struct facts *facts;
};

/* User data is aligned to 16 bytes, and a header of two words comes before it. */
static uint64_t align_block(const struct malloc_layout *layout, uint64_t addr)
{
	return page_ceil(addr + 2 * layout->word_size, 16) - 2 * layout->word_size;
}

static bool is_start(const struct place *place, uint64_t start)
{
	uint64_t header;
	uint64_t word = place->layout->word_size;

	return may_be_heap(place->facts, start) && heap_memory_peek(place->memory, start + word, &header) &&
	       header & 1 && (header & ~UINT64_C(7)) >= malloc_min_size(place->layout);
}

/*
 * The heap may have grown since the map was read: then its mapping is the one below the address.
 * NO_MAPPING: there is none.
 */
static size_t mapping_of(const struct facts *facts, uint64_t addr)
{
	size_t i = facts_find_mapping(facts, addr);

	if (i < facts->n_mappings && facts->mappings[i].start <= addr)
		return i;
	return i > 0 ? i - 1 : NO_MAPPING;
}

static uint64_t mapping_start(const struct facts *facts, uint64_t addr)
{
	size_t i = mapping_of(facts, addr);

	return i == NO_MAPPING ? 0 : facts->mappings[i].start;
}

/* A top that claims more than the memory there can have is not malloc's. */
static bool may_end_at(const struct facts *facts, uint64_t top, uint64_t end)
{
	size_t i = mapping_of(facts, top);

	if (i == NO_MAPPING)
		return false;
	while (i + 1 < facts->n_mappings && facts->mappings[i + 1].start == facts->mappings[i].end)
		i++;
	return end <= facts->mappings[i].end || end - facts->mappings[i].end <= ARENA_GROWTH_MAX;
}

#define PAGES_BEFORE_MAX 16 /* taken with sbrk(2) before malloc, as for a static program's main thread */

/*
 * While the top moves, its end is not known. But the memory ends at a page boundary, and is as
 * large as the state says, so the offset at which it begins in its first page is known.
 */
static bool find_moving_piece(const struct place *place, const struct malloc_state *state,
			      struct heap_piece *ret)
{
	uint64_t page_size = place->layout->page_size;
	uint64_t at = mapping_start(place->facts, state->top) + (-state->system & (page_size - 1));

	for (size_t i = 0; i < PAGES_BEFORE_MAX; i++, at += page_size) {
		ret->start = align_block(place->layout, at);
		ret->end = at + state->system;
		if (is_start(place, ret->start))
			return ret->start <= state->top && ret->end > state->top;
	}
	return false;
}

/*
 * The main arena's memory ends with its top, and is as large as the state says. If it is in several
 * parts, the one with the top begins with its mapping.
 */
static bool find_piece(const struct place *place, const struct malloc_state *state, uint64_t end,
		       struct heap_piece *ret)
{
	const struct facts *facts = place->facts;

	if (end == 0)
		return find_moving_piece(place, state, ret);
	ret->end = end;
	ret->start = align_block(place->layout, ret->end - state->system);
	if (!is_start(place, ret->start) || ret->start > state->top)
		ret->start = align_block(place->layout, mapping_start(facts, state->top));
	return is_start(place, ret->start) && ret->start <= state->top;
}

#define LOOKS 8

enum walk_end find_main_piece(struct heap_memory *memory, const struct malloc_layout *layout,
			      const struct facts *facts, struct malloc_state *state, struct heap_piece *ret)
{
	const struct place place = { memory, layout, facts };
	enum walk_end failed = WALK_BROKEN;
	struct malloc_state before = *state;

	for (unsigned i = 0; i < LOOKS; i++) {
		uint64_t end;

		if (!malloc_state_read_end(memory, layout, state->address, state, &end))
			return WALK_MOVING;
		if (find_piece(&place, state, end, ret) && may_end_at(facts, state->top, ret->end))
			return WALK_DONE;
		if (state->top != before.top || state->system != before.system)
			failed = WALK_MOVING;
		before = *state;
		heap_memory_wait(memory, i);
	}
	return failed;
}

/*
 * A heap begins with a heap_info: arena, previous heap, size, ... In the first heap, the arena's
 * state follows it.
 */
bool find_heap_piece(struct heap_memory *memory, const struct malloc_layout *layout,
		     const struct malloc_state *state, const struct arena_heap *heap, struct heap_piece *ret)
{
	uint64_t room = arena_room(layout->word_size);
	uint64_t header = state->address & (room - 1);
	bool is_first = heap->start == state->address - header;
	uint64_t size;

	if (!heap_memory_peek(memory, heap->start + 2 * layout->word_size, &size) || size > room)
		return false;
	ret->start = align_block(layout, is_first ? state->address + malloc_state_size(layout) :
						    heap->start + header);
	ret->end = heap->start + size;
	return ret->start < ret->end;
}
