/* SPDX-License-Identifier: MIT */
#include "heap/arena_state.h"

#include <string.h>

#include "base/loop.h"
#include "base/mem.h"

#define PIECE ((size_t)1 << 16)	     /* bytes of a module's data that are searched at once */
#define DATA_MAX (UINT64_C(1) << 26) /* no more of a module's data is searched */
#define BEFORE_MAX 256		     /* bytes that a state may have before its bins */
#define NEAR_BINS 16		     /* pairs of words next to the bins that may look like bins themselves */
#define N_PAIRS_BYTES(word) (2 * N_BINS * (word))

/* ---- a state ---- */

/* The bins are followed by a bitmap of them, in four ints, and then by words. */
static uint64_t behind_bins(const struct malloc_layout *layout, size_t word)
{
	return N_PAIRS_BYTES(layout->word_size) + 16 + word * layout->word_size;
}

enum { NEXT, NEXT_FREE, ATTACHED_THREADS, SYSTEM, MAX_SYSTEM, N_BEHIND };

uint64_t malloc_state_size(const struct malloc_layout *layout)
{
	return layout->before_bins + behind_bins(layout, N_BEHIND);
}

bool may_be_heap(const struct facts *facts, uint64_t addr)
{
	size_t i = facts_find_mapping(facts, addr);
	const struct mapping *m = &facts->mappings[i];

	return i < facts->n_mappings && m->start <= addr && is_anonymous(facts, m) &&
	       (m->perms & (PERM_R | PERM_W)) == (PERM_R | PERM_W);
}

/* The fastbins end right before the top. Before them are a lock and flags, which are not addresses. */
static bool read_fast(struct heap_memory *memory, const struct malloc_layout *layout,
		      struct malloc_state *state)
{
	uint64_t word = layout->word_size;
	uint64_t end = state->address + layout->before_bins - 2 * word;
	uint64_t n_words = layout->before_bins / word;

	state->n_fast = n_words <= 5 ? 0 : word == 4 && n_words >= 15 ? 11 : 10;
	for (size_t i = 0; i < state->n_fast; i++)
		if (!heap_memory_peek(memory, end - (state->n_fast - i) * word, &state->fast[i]))
			return false;
	return true;
}

bool malloc_state_read(struct heap_memory *memory, const struct malloc_layout *layout, uint64_t address,
		       struct malloc_state *ret)
{
	uint64_t bins = address + layout->before_bins;
	uint64_t max_system;

	*ret = (struct malloc_state){ .address = address };
	return heap_memory_peek(memory, bins - 2 * layout->word_size, &ret->top) &&
	       heap_memory_peek(memory, bins + behind_bins(layout, NEXT), &ret->next) &&
	       heap_memory_peek(memory, bins + behind_bins(layout, SYSTEM), &ret->system) &&
	       heap_memory_peek(memory, bins + behind_bins(layout, MAX_SYSTEM), &max_system) &&
	       ret->system <= max_system && read_fast(memory, layout, ret);
}

bool malloc_state_read_end(struct heap_memory *memory, const struct malloc_layout *layout, uint64_t address,
			   struct malloc_state *ret, uint64_t *ret_end)
{
	struct malloc_state before;
	uint64_t header;
	uint64_t end = 0;

	*ret_end = 0;
	heap_memory_forget(memory);
	if (!malloc_state_read(memory, layout, address, &before))
		return false;
	if (heap_memory_peek(memory, before.top + layout->word_size, &header))
		end = before.top + (header & ~UINT64_C(7));
	heap_memory_forget(memory);
	if (!malloc_state_read(memory, layout, address, ret))
		return false;
	if (ret->top == before.top && ret->system == before.system && end > ret->top &&
	    end % layout->page_size == 0)
		*ret_end = end;
	return true;
}

/* ---- what comes before the bins ---- */

struct search {
	struct heap_memory *memory;
	const struct facts *facts;
	const unsigned char *bytes;
	size_t n; /* words */
	uint64_t start;
	struct arena_limits *limits;
	struct malloc_layout layout;
};

/* Whether a chain leads back to where it begins, and not into another loop. */
static bool comes_round(struct search *search, uint64_t address)
{
	const struct malloc_layout *layout = &search->layout;
	uint64_t room = arena_room(layout->word_size);
	struct loop loop = { 0 };
	uint64_t at = address;

	for (;;) {
		if (!heap_memory_peek(search->memory, at + layout->before_bins + behind_bins(layout, NEXT),
				      &at))
			return false;
		if (at == address)
			return true;
		if (loop_comes_round(&loop, at) || !arena_may_be_at(at, room) || search->limits->steps == 0)
			return false;
		search->limits->steps--;
	}
}

/* The chain of arenas leads back to where the state begins. */
static bool find_begin(struct search *search, uint64_t bins)
{
	struct malloc_layout *layout = &search->layout;

	for (layout->before_bins = 2 * layout->word_size; layout->before_bins <= BEFORE_MAX;
	     layout->before_bins += layout->word_size)
		if (comes_round(search, bins - layout->before_bins))
			return true;
	return false;
}

/* ---- the bins ---- */

static uint64_t word_at(const struct search *search, size_t i)
{
	return heap_word(search->bytes + i * search->layout.word_size, search->layout.word_size);
}

/* An empty bin points to itself, as if it were a block. */
static bool is_empty(const struct search *search, size_t i)
{
	uint64_t itself = search->start + i * search->layout.word_size - 2 * search->layout.word_size;

	return word_at(search, i) == itself && word_at(search, i + 1) == itself;
}

/* Other bins point into heaps, some of which may be newer than the map. */
static bool is_pointer(const struct search *search, uint64_t word)
{
	return word >= search->layout.page_size && word % (2 * search->layout.word_size) == 0;
}

static bool is_bin(const struct search *search, size_t i)
{
	return is_empty(search, i) ||
	       (is_pointer(search, word_at(search, i)) && is_pointer(search, word_at(search, i + 1)));
}

/* The page of the top may be new: what is known of pages is older than the state. */
static bool has_top(struct heap_memory *memory, uint64_t top)
{
	uint64_t word;

	if (heap_memory_peek(memory, top, &word))
		return true;
	heap_memory_forget(memory);
	return heap_memory_peek(memory, top, &word);
}

static bool is_state(struct search *search, size_t i, struct malloc_state *ret)
{
	uint64_t bins = search->start + i * search->layout.word_size;
	uint64_t bin = bins - 2 * search->layout.word_size;

	if (!find_begin(search, bins) ||
	    !malloc_state_read(search->memory, &search->layout, bins - search->layout.before_bins, ret))
		return false;
	/* The heap may have grown since the map was read. */
	return ret->system == 0 ? ret->top == bin : has_top(search->memory, ret->top);
}

/* The run of words [*first, end), in pairs that may be bins, around an empty one. Returns the end. */
static size_t find_run(const struct search *search, size_t empty, size_t *first)
{
	size_t end = empty;

	*first = empty;
	while (*first >= 2 && empty - *first < 2 * (N_BINS + NEAR_BINS) && is_bin(search, *first - 2))
		*first -= 2;
	while (end + 1 < search->n && is_bin(search, end))
		end += 2;
	return end;
}

/* Whether anything there has the bins of an arena, even if the rest makes no sense at this moment. */
static bool search_piece(struct search *search, main_arena_fn *take, void *context)
{
	bool has_bins = false;
	size_t i = 0;

	while (i + 1 < search->n) {
		size_t first;
		size_t end;

		if (!is_empty(search, i)) {
			i++;
			continue;
		}
		end = find_run(search, i, &first);
		has_bins |= first + 2 * N_BINS <= end;
		for (size_t k = 0; k < NEAR_BINS && first + 2 * N_BINS <= end; k++, first += 2) {
			struct malloc_state state;

			if (is_state(search, first, &state)) {
				take(context, &search->layout, &state);
				break;
			}
		}
		i = end;
	}
	return has_bins;
}

/* Pieces overlap, so that a state is whole in one of them. */
static bool search_region(struct heap_memory *memory, const struct facts *facts, uint64_t start, uint64_t end,
			  struct arena_limits *limits, main_arena_fn *take, void *context)
{
	_cleanup_free_ unsigned char *bytes = mem_array(PIECE, 1);
	size_t overlap = N_PAIRS_BYTES(facts->word_size) + BEFORE_MAX;
	bool has_bins = false;

	start = page_ceil(start, facts->word_size);
	limits->is_cut |= end - start > DATA_MAX;
	end = MIN(end, start + DATA_MAX);
	while (start < end) {
		size_t len = (size_t)MIN(PIECE, end - start);
		ssize_t n = source_read_memory(memory->source, start, bytes, len);
		struct search search = {
			.memory = memory,
			.facts = facts,
			.bytes = bytes,
			.n = n > 0 ? (size_t)n / facts->word_size : 0,
			.start = start,
			.limits = limits,
			.layout = { .word_size = facts->word_size, .page_size = facts->page_size },
		};

		has_bins |= search_piece(&search, take, context);
		if (len < PIECE)
			break;
		start += PIECE - overlap;
	}
	return has_bins;
}

bool find_main_arenas(struct heap_memory *memory, const struct space *space, struct arena_limits *limits,
		      main_arena_fn *take, void *context)
{
	uint64_t least = N_PAIRS_BYTES(memory->word_size);
	bool has_bins = false;

	for (size_t i = 0; i < space->judgement.n_regions; i++) {
		const struct region *region = &space->judgement.regions[i];

		if (region->kind == KIND_DATA && region->end - region->start >= least)
			has_bins |= search_region(memory, &space->facts, region->start, region->end, limits,
						  take, context);
	}
	return has_bins;
}
