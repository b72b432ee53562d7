/* SPDX-License-Identifier: MIT */
#include "heap/block_index.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/range.h"

#define PLACES 64   /* in a block_word */
#define GAP_MAX 256 /* words in which no block begins: hardly more than a page of the target's memory */

void block_index_init(struct block_index *index, size_t word_size)
{
	*index = (struct block_index){ .place_size = 2 * word_size };
}

void block_index_done(struct block_index *index)
{
	for (size_t i = 0; i < index->n_spans; i++)
		free(index->spans[i].words);
	free(index->spans);
	*index = (struct block_index){ 0 };
}

/* ---- adding ---- */

static void add_words(struct block_span *span, uint64_t n)
{
	while (span->n_words < n) {
		mem_grow_from(span->words, span->n_words, span->cap_words, 1);
		span->words[span->n_words++] = (struct block_word){ .before = span->last };
	}
}

/* The span that a block continues, or else a new one. */
static struct block_span *span_for(struct block_index *index, const struct heap_block *block)
{
	struct block_span *span = index->n_spans > 0 ? &index->spans[index->n_spans - 1] : NULL;
	uint64_t offset = span ? block->start - span->start : 0;

	if (span && span->end == block->start && span->arena == block->arena &&
	    offset % index->place_size == 0 && offset / index->place_size / PLACES < span->n_words + GAP_MAX)
		return span;
	mem_grow(index->spans, index->n_spans, index->cap_spans);
	span = &index->spans[index->n_spans++];
	*span = (struct block_span){ .start = block->start, .arena = block->arena, .last = UNKNOWN };
	return span;
}

void block_index_add(void *context, const struct heap_block *block)
{
	struct block_index *index = context;
	struct block_span *span = span_for(index, block);
	uint64_t place = (block->start - span->start) / index->place_size;
	uint64_t bit = UINT64_C(1) << place % PLACES;
	struct block_word *word;

	add_words(span, place / PLACES + 1);
	word = &span->words[place / PLACES];
	word->begins |= bit;
	if (block->state == BLOCK_USED)
		word->is_used |= bit;
	span->last = place;
	span->end = block->end;
}

void block_index_settle(struct block_index *index)
{
	size_t n;

	range_sort(index->spans, index->n_spans, sizeof(*index->spans));
	/* The heap may have changed so fast that the same memory was seen as two things. */
	n = range_cut(index->spans, index->n_spans, sizeof(*index->spans), RANGE_FIRST_WINS);
	while (index->n_spans > n)
		free(index->spans[--index->n_spans].words);
}

void block_index_read(struct source *source, const struct space *space, struct heap *heap,
		      struct block_index *ret, struct notes *notes)
{
	block_index_init(ret, space->facts.word_size);
	read_heap(source, space, block_index_add, ret, heap, notes);
	block_index_settle(ret);
	for (size_t i = 0; i < heap->n_cached; i++)
		block_index_remove(ret, heap->cached[i]);
}

/* ---- looking up ---- */

uint64_t block_index_limit(const struct block_index *index, size_t i)
{
	const struct block_span *span = &index->spans[i];
	bool is_continued =
		i + 1 < index->n_spans && span[1].start == span->end && span[1].arena == span->arena;

	return span->end + (is_continued ? index->place_size / 2 : 0);
}

/* The first place from `place` on where a bit is set; UNKNOWN: there is none. */
static uint64_t next_place(const struct block_span *span, uint64_t place, bool is_used)
{
	uint64_t bits = UINT64_MAX << place % PLACES;

	for (uint64_t i = place / PLACES; i < span->n_words; i++, bits = UINT64_MAX) {
		uint64_t set = bits & (is_used ? span->words[i].is_used : span->words[i].begins);

		if (set)
			return i * PLACES + (uint64_t)__builtin_ctzll(set);
	}
	return UNKNOWN;
}

/* Where the block at a place ends. A large one has too many words to look through. */
static uint64_t end_of(const struct block_index *index, const struct block_span *span, uint64_t place)
{
	uint64_t low = place / PLACES + 1;
	uint64_t high = span->n_words;
	uint64_t next;

	if (place == span->last)
		return span->end;
	next = span->words[low - 1].begins & ~(UINT64_MAX >> (PLACES - 1 - place % PLACES));
	if (next)
		return span->start +
		       ((low - 1) * PLACES + (uint64_t)__builtin_ctzll(next)) * index->place_size;
	/* The next block begins in the last word whose `before` is this place. */
	while (high - low > 1) {
		uint64_t middle = low + (high - low) / 2;

		if (span->words[middle].before == place)
			low = middle;
		else
			high = middle;
	}
	return span->start + next_place(span, low * PLACES, false) * index->place_size;
}

static struct heap_block block_at(const struct block_index *index, const struct block_span *span,
				  uint64_t place)
{
	return (struct heap_block){
		.start = span->start + place * index->place_size,
		.end = end_of(index, span, place),
		.state = BLOCK_USED,
		.arena = span->arena,
	};
}

bool block_index_next(const struct block_index *index, struct block_place *place, struct heap_block *ret)
{
	for (; place->span < index->n_spans; place->span++, place->place = 0) {
		const struct block_span *span = &index->spans[place->span];
		uint64_t found = next_place(span, place->place, true);

		if (found == UNKNOWN)
			continue;
		*ret = block_at(index, span, found);
		place->place = found + 1;
		return true;
	}
	return false;
}

/*
 * The span that holds an address, and the place where the block with that address begins; NULL:
 * there is none.
 */
static struct block_span *find_place(const struct block_index *index, uint64_t addr, uint64_t *ret)
{
	size_t i = range_find(index->spans, index->n_spans, sizeof(*index->spans), addr);
	struct block_span *span;
	uint64_t begins;

	if (i == index->n_spans || index->spans[i].start > addr)
		return NULL;
	span = &index->spans[i];
	*ret = (addr - span->start) / index->place_size;
	if (*ret >= span->last) {
		*ret = span->last;
		return span;
	}
	begins = span->words[*ret / PLACES].begins & (UINT64_MAX >> (PLACES - 1 - *ret % PLACES));
	*ret = begins ? *ret / PLACES * PLACES + (PLACES - 1 - (uint64_t)__builtin_clzll(begins)) :
			span->words[*ret / PLACES].before;
	return span;
}

static bool is_used(const struct block_span *span, uint64_t place)
{
	return span->words[place / PLACES].is_used >> place % PLACES & 1;
}

bool block_index_find(const struct block_index *index, uint64_t addr, struct heap_block *ret)
{
	uint64_t place;
	const struct block_span *span = find_place(index, addr, &place);

	if (!span || !is_used(span, place))
		return false;
	*ret = block_at(index, span, place);
	return true;
}

bool block_index_place(const struct block_index *index, uint64_t addr, struct block_place *ret)
{
	const struct block_span *span = find_place(index, addr, &ret->place);

	if (!span || !is_used(span, ret->place))
		return false;
	ret->span = (size_t)(span - index->spans);
	return true;
}

bool block_index_remove(struct block_index *index, uint64_t start)
{
	uint64_t place;
	struct block_span *span = find_place(index, start, &place);

	if (!span || span->start + place * index->place_size != start || !is_used(span, place))
		return false;
	span->words[place / PLACES].is_used &= ~(UINT64_C(1) << place % PLACES);
	return true;
}
