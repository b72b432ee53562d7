/* SPDX-License-Identifier: MIT */
#include "heap/pointers.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/range.h"

#define GROUP_PLACES 64	   /* few enough for a byte to number their words */
#define GAP_MAX (1u << 16) /* bytes without a block in use that are read anyway, to save calls */
#define ENTRY_MAX 11	   /* bytes of a pointer: the number of its word, and a number of 64 bits */
#define BYTES_FIRST ((size_t)64)

static uint64_t group_size(const struct pointers *pointers)
{
	return GROUP_PLACES * pointers->index->place_size;
}

/* ---- numbers in few bytes: seven bits in each, the lowest first; the lowest bit of all is the sign ---- */

static size_t put_number(uint8_t *to, int64_t number)
{
	uint64_t rest = (uint64_t)number << 1 ^ (number < 0 ? UINT64_MAX : 0);
	size_t n = 0;

	for (; rest >= 0x80; rest >>= 7)
		to[n++] = (uint8_t)(rest | 0x80);
	to[n++] = (uint8_t)rest;
	return n;
}

static int64_t get_number(const uint8_t **at)
{
	uint64_t number = 0;
	unsigned shift = 0;

	for (; **at & 0x80; shift += 7)
		number |= (uint64_t)(*(*at)++ & 0x7f) << shift;
	number |= (uint64_t) * (*at)++ << shift;
	return (int64_t)(number >> 1 ^ (number & 1 ? UINT64_MAX : 0));
}

/* ---- reading ---- */

/* Pointers added from here on are in that group or a later one. */
static void begin_group(struct pointer_chunk *chunk, size_t group)
{
	while (chunk->n_begun <= group)
		chunk->groups[chunk->n_begun++] = (uint32_t)chunk->n;
}

/* Pointers come by ascending place. */
static void add_pointer(void *context, uint64_t place, uint64_t addr)
{
	const struct pointers *pointers = context;
	const struct block_span *span = &pointers->index->spans[pointers->at];
	uint64_t offset = place - span->start;
	uint64_t group = offset / group_size(pointers);
	size_t word = pointers->word_size;
	struct pointer_chunk **slot;
	struct pointer_chunk *chunk;

	/* If the same memory was seen as two things, blocks may lie outside their span. */
	if (place < span->start || place >= block_index_limit(pointers->index, pointers->at))
		return;
	slot = &pointers->spans[pointers->at].chunks[group / POINTER_GROUPS];
	if (!*slot)
		*slot = mem_alloc(sizeof(**slot));
	chunk = *slot;
	begin_group(chunk, (size_t)(group % POINTER_GROUPS));
	if (chunk->cap - chunk->n < ENTRY_MAX) {
		chunk->cap = MAX(2 * chunk->cap, BYTES_FIRST);
		chunk->bytes = mem_enlarge(chunk->bytes, chunk->n, &chunk->cap, 1);
	}
	chunk->bytes[chunk->n++] = (uint8_t)(offset % group_size(pointers) / word);
	chunk->n += put_number(chunk->bytes + chunk->n, (int64_t)(addr / word) - (int64_t)(place / word));
}

static void add_unread(void *context, uint64_t start, uint64_t end)
{
	struct pointers *pointers = context;

	mem_grow(pointers->unread, pointers->n_unread, pointers->cap_unread);
	pointers->unread[pointers->n_unread++] = (struct unread_range){ start, end };
}

/* Adds a run of blocks in use, up to the next large gap, which may be free memory. */
static void add_blocks(const struct pointers *pointers, struct scan *scan, struct block_place *place,
		       struct heap_block *block, bool *ret_more)
{
	const struct block_span *span = &pointers->index->spans[pointers->at];
	uint64_t limit = block_index_limit(pointers->index, pointers->at);
	uint64_t start = block->start;
	uint64_t end;

	do {
		end = block->end;
		*ret_more = block_index_next(pointers->index, place, block);
	} while (*ret_more && block->start >= end && block->start - end < GAP_MAX && block->end <= span->end);
	/* A block extends into the first word of the next. */
	scan_add(scan, start, MIN(end + pointers->word_size, limit), false);
}

static void read_span(struct pointers *pointers, struct scan *scan, struct block_place *place,
		      struct heap_block *block, bool *ret_more)
{
	const struct block_span *span = &pointers->index->spans[pointers->at];
	struct pointer_span *to = &pointers->spans[pointers->at];
	uint64_t limit = block_index_limit(pointers->index, pointers->at);

	to->n_chunks = (size_t)((limit - span->start) / group_size(pointers) / POINTER_GROUPS) + 1;
	to->chunks = mem_alloc(to->n_chunks * sizeof(struct pointer_chunk *));
	while (*ret_more && block->start < span->end)
		add_blocks(pointers, scan, place, block, ret_more);
	scan_flush(scan);
	for (size_t i = 0; i < to->n_chunks; i++)
		if (to->chunks[i])
			begin_group(to->chunks[i], POINTER_GROUPS);
}

void pointers_read(struct pointers *pointers, const struct block_index *index, struct scan *scan)
{
	struct block_place place = { 0 };
	struct heap_block block;
	bool has_more = block_index_next(index, &place, &block);

	*pointers = (struct pointers){
		.index = index,
		.word_size = scan->word_size,
		.spans = mem_alloc((index->n_spans + 1) * sizeof(*pointers->spans)),
	};
	scan->take = add_pointer;
	scan->miss = add_unread;
	scan->context = pointers;
	for (; pointers->at < index->n_spans; pointers->at++)
		read_span(pointers, scan, &place, &block, &has_more);
	range_sort(pointers->unread, pointers->n_unread, sizeof(*pointers->unread));
}

static void span_done(struct pointer_span *span)
{
	for (size_t i = 0; i < span->n_chunks; i++) {
		if (span->chunks[i])
			free(span->chunks[i]->bytes);
		free(span->chunks[i]);
	}
	free(span->chunks);
}

void pointers_done(struct pointers *pointers)
{
	for (size_t i = 0; pointers->spans && i < pointers->index->n_spans; i++)
		span_done(&pointers->spans[i]);
	free(pointers->spans);
	free(pointers->unread);
	*pointers = (struct pointers){ 0 };
}

/* ---- what was read ---- */

struct pointer_query {
	uint64_t start, end;
	take_address_fn *take;
	void *context;
};

static void take_group(const struct pointer_chunk *chunk, size_t group, uint64_t base, size_t word,
		       const struct pointer_query *query)
{
	const uint8_t *at = chunk->bytes + chunk->groups[group];
	const uint8_t *last = chunk->bytes + chunk->groups[group + 1];

	while (at < last) {
		uint64_t place = base + *at++ * word;
		uint64_t addr = (place / word + (uint64_t)get_number(&at)) * word;

		if (place >= query->start && place < query->end)
			query->take(query->context, place, addr);
	}
}

void pointers_each(const struct pointers *pointers, uint64_t start, uint64_t end, take_address_fn *take,
		   void *context)
{
	const struct pointer_query query = { start, end, take, context };
	const struct block_index *index = pointers->index;
	size_t i = range_find(index->spans, index->n_spans, sizeof(*index->spans), start);
	uint64_t size = group_size(pointers);
	uint64_t group;
	uint64_t past;

	if (i == index->n_spans || index->spans[i].start > start || start >= end)
		return;
	group = (start - index->spans[i].start) / size;
	past = (MIN(end, block_index_limit(index, i)) - 1 - index->spans[i].start) / size + 1;
	while (group < past) {
		const struct pointer_chunk *chunk = pointers->spans[i].chunks[group / POINTER_GROUPS];

		if (chunk)
			take_group(chunk, group % POINTER_GROUPS, index->spans[i].start + group * size,
				   pointers->word_size, &query);
		group = chunk ? group + 1 : (group / POINTER_GROUPS + 1) * POINTER_GROUPS;
	}
}

uint64_t pointers_unread(const struct pointers *pointers, uint64_t start, uint64_t end)
{
	size_t i = range_find(pointers->unread, pointers->n_unread, sizeof(*pointers->unread), start);
	uint64_t bytes = 0;

	for (; i < pointers->n_unread && pointers->unread[i].start < end; i++)
		bytes += MIN(pointers->unread[i].end, end) - MAX(pointers->unread[i].start, start);
	return bytes;
}
