/* SPDX-License-Identifier: MIT */
#include "heap/pointers.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/range.h"

#define GROUP_PLACES 64	   /* whose words a byte can number */
#define GAP_MAX (1u << 16) /* bytes without a block in use that are read all the same, so that few calls do */
#define ENTRY_MAX 11	   /* bytes of a pointer: the number of its word, and one of 64 bits */
#define BYTES_FIRST ((size_t)64)

static uint64_t group_size(const struct pointers *pointers)
{
	return GROUP_PLACES * pointers->index->place_size;
}

/* ---- numbers of few bytes: seven bits in each, the lowest first; the sign is the lowest of all ---- */

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

/* From here on, pointers stand in that group or behind it. */
static void begin_group(struct pointer_span *span, size_t *n_begun, size_t group)
{
	while (*n_begun <= group)
		span->groups[(*n_begun)++] = span->n;
}

struct pointer_reading {
	struct pointers *pointers;
	size_t n_begun; /* groups of the span */
};

/* They come by ascending place. */
static void add_pointer(void *context, uint64_t place, uint64_t addr)
{
	struct pointer_reading *reading = context;
	const struct pointers *pointers = reading->pointers;
	struct pointer_span *span = &pointers->spans[pointers->at];
	uint64_t offset = place - pointers->index->spans[pointers->at].start;
	size_t word = pointers->word_size;

	begin_group(span, &reading->n_begun, (size_t)(offset / group_size(pointers)));
	if (span->cap - span->n < ENTRY_MAX) {
		span->cap = MAX(2 * span->cap, BYTES_FIRST);
		span->bytes = mem_enlarge(span->bytes, span->n, &span->cap, 1);
	}
	span->bytes[span->n++] = (uint8_t)(offset % group_size(pointers) / word);
	span->n += put_number(span->bytes + span->n, (int64_t)(addr / word) - (int64_t)(place / word));
}

static void add_unread(void *context, uint64_t start, uint64_t end)
{
	struct pointer_reading *reading = context;
	struct pointers *pointers = reading->pointers;

	mem_grow(pointers->unread, pointers->n_unread, pointers->cap_unread);
	pointers->unread[pointers->n_unread++] = (struct unread_range){ start, end };
}

/* Runs of blocks in use, without what may be large and free between them. */
static void add_blocks(const struct pointers *pointers, struct scan *scan, struct block_place *place,
		       struct heap_block *block, bool *ret_more)
{
	const struct block_span *span = &pointers->index->spans[pointers->at];
	uint64_t start = block->start;
	uint64_t end;

	do {
		end = block->end;
		*ret_more = block_index_next(pointers->index, place, block);
	} while (*ret_more && block->start >= end && block->start - end < GAP_MAX && block->end <= span->end);
	/* A block goes on into the first word of the next. */
	scan_add(scan, start, MIN(end + pointers->word_size, span->end), false);
}

static void read_span(struct pointers *pointers, struct scan *scan, struct block_place *place,
		      struct heap_block *block, bool *ret_more)
{
	const struct block_span *span = &pointers->index->spans[pointers->at];
	struct pointer_span *to = &pointers->spans[pointers->at];
	struct pointer_reading reading = { .pointers = pointers };

	to->n_groups = (size_t)((span->end - span->start - 1) / group_size(pointers)) + 1;
	to->groups = mem_array(to->n_groups + 1, sizeof(*to->groups));
	scan->take = add_pointer;
	scan->miss = add_unread;
	scan->context = &reading;
	while (*ret_more && block->start < span->end)
		add_blocks(pointers, scan, place, block, ret_more);
	scan_flush(scan);
	begin_group(to, &reading.n_begun, to->n_groups);
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
	for (; pointers->at < index->n_spans; pointers->at++)
		read_span(pointers, scan, &place, &block, &has_more);
	range_sort(pointers->unread, pointers->n_unread, sizeof(*pointers->unread));
}

void pointers_done(struct pointers *pointers)
{
	for (size_t i = 0; pointers->spans && i < pointers->index->n_spans; i++) {
		free(pointers->spans[i].bytes);
		free(pointers->spans[i].groups);
	}
	free(pointers->spans);
	free(pointers->unread);
	*pointers = (struct pointers){ 0 };
}

/* ---- what was read ---- */

void pointers_each(const struct pointers *pointers, uint64_t start, uint64_t end, take_address_fn *take,
		   void *context)
{
	const struct block_span *spans = pointers->index->spans;
	size_t i = range_find(spans, pointers->index->n_spans, sizeof(*spans), start);
	const struct pointer_span *span = &pointers->spans[i];
	size_t word = pointers->word_size;
	size_t group = (size_t)((start - spans[i].start) / group_size(pointers));

	for (; group < span->n_groups; group++) {
		uint64_t base = spans[i].start + group * group_size(pointers);
		const uint8_t *at = span->bytes + span->groups[group];
		const uint8_t *last = span->bytes + span->groups[group + 1];

		if (base >= end)
			return;
		while (at < last) {
			uint64_t place = base + *at++ * word;
			uint64_t addr = (place / word + (uint64_t)get_number(&at)) * word;

			if (place >= start && place < end)
				take(context, place, addr);
		}
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
