/* SPDX-License-Identifier: MIT */
#include "heap/mark_reachable.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/range.h"

#define BITS 64
#define REPORT_BLOCKS 65536 /* blocks between two reports of progress */

static void take(void *context, uint64_t place _unused_, uint64_t addr)
{
	mark_address(context, addr);
}

static void miss(void *context, uint64_t start, uint64_t end)
{
	struct mark *mark = context;
	struct unread_range *last = &mark->last_unread;

	mark->unread += end - start;
	if (last->end != start)
		last->start = start;
	last->end = end;
	if (last->end - last->start > mark->most_unread.end - mark->most_unread.start)
		mark->most_unread = *last;
}

void mark_init(struct mark *mark, struct source *source, const struct facts *facts,
	       const struct block_index *index, const struct page_set *pages)
{
	*mark = (struct mark){
		.index = index,
		.word_size = facts->word_size,
		.bits = mem_array(index->n_spans + 1, sizeof(*mark->bits)),
	};
	for (size_t i = 0; i < index->n_spans; i++)
		mark->bits[i] = mem_alloc(index->spans[i].n_words * sizeof(**mark->bits));
	scan_init(&mark->scan, source, facts, pages);
	if (index->n_spans > 0) {
		mark->scan.low = index->spans[0].start;
		mark->scan.high = index->spans[index->n_spans - 1].end + facts->word_size;
	}
	mark->scan.take = take;
	mark->scan.miss = miss;
	mark->scan.context = mark;
}

static void free_bits(const struct mark *mark, uint64_t **bits)
{
	for (size_t i = 0; mark->index && i < mark->index->n_spans; i++)
		free(bits[i]);
	free(bits);
}

void mark_done(struct mark *mark)
{
	free_bits(mark, mark->bits);
	free(mark->work);
	scan_done(&mark->scan);
	pointers_done(&mark->pointers);
	*mark = (struct mark){ 0 };
}

/*
 * Looks up the word before an address, since a block extends into the first word of the next. After
 * the last block of a piece is something else, which pointers may point to.
 */
static bool find_place(const struct mark *mark, uint64_t addr, struct block_place *ret)
{
	return block_index_place(mark->index, addr - mark->word_size, ret) &&
	       addr < block_index_limit(mark->index, ret->span) &&
	       addr - mark->word_size - block_index_start(mark->index, ret) >= mark->word_size;
}

bool mark_find(const struct mark *mark, uint64_t addr, struct heap_block *ret)
{
	struct block_place place;

	return find_place(mark, addr, &place) && block_index_find(mark->index, addr - mark->word_size, ret);
}

uint64_t mark_user_end(const struct mark *mark, const struct heap_block *block)
{
	const struct block_index *index = mark->index;
	size_t i = range_find(index->spans, index->n_spans, sizeof(*index->spans), block->start);
	bool is_last = i < index->n_spans && block_index_limit(index, i) == block->end;

	return block->end + (is_last ? 0 : mark->word_size);
}

void mark_address(struct mark *mark, uint64_t addr)
{
	struct block_place place;
	uint64_t *bits;
	uint64_t bit;

	if (!find_place(mark, addr, &place))
		return;
	bits = &mark->bits[place.span][place.place / BITS];
	bit = UINT64_C(1) << place.place % BITS;
	if (*bits & bit)
		return;
	*bits |= bit;
	mem_grow(mark->work, mark->n_work, mark->cap_work);
	mark->work[mark->n_work++] = block_index_start(mark->index, &place);
}

bool mark_is_set(const struct mark *mark, uint64_t start)
{
	struct block_place place;

	return block_index_place(mark->index, start, &place) &&
	       mark->bits[place.span][place.place / BITS] >> place.place % BITS & 1;
}

void mark_range(struct mark *mark, uint64_t start, uint64_t end, bool is_optional)
{
	scan_add(&mark->scan, start, end, is_optional);
}

static void take_header(void *context, uint64_t at _unused_, uint64_t addr)
{
	struct mark *mark = context;
	struct block_place place;

	if (block_index_place(mark->index, addr, &place) && block_index_start(mark->index, &place) == addr)
		mark_address(mark, addr + 2 * mark->word_size);
}

void mark_registers(struct mark *mark, const unsigned char *bytes, size_t len)
{
	scan_words(&mark->scan, bytes, len, 0);
	mark->scan.take = take_header;
	scan_words(&mark->scan, bytes, len, 0);
	mark->scan.take = take;
}

void mark_read_blocks(struct mark *mark)
{
	scan_flush(&mark->scan);
	pointers_read(&mark->pointers, mark->index, &mark->scan);
	mark->scan.take = take;
	mark->scan.context = mark;
}

void mark_spread(struct mark *mark)
{
	struct progress *progress = mark->scan.source->progress;
	struct heap_block block;

	for (size_t n = 1; mark->n_work > 0; n++) {
		uint64_t start;
		uint64_t end;

		if (progress && n % REPORT_BLOCKS == 0)
			progress_say(progress, "%zu blocks looked through", n);
		if (!block_index_find(mark->index, mark->work[--mark->n_work], &block))
			continue;
		start = block_user_start(&block, mark->word_size);
		end = mark_user_end(mark, &block);
		mark->unread += pointers_unread(&mark->pointers, start, end);
		pointers_each(&mark->pointers, start, end, take, mark);
	}
}

uint64_t **mark_save(const struct mark *mark)
{
	size_t n = mark->index->n_spans;
	uint64_t **saved = mem_array(n + 1, sizeof(*saved));

	for (size_t i = 0; i < n; i++) {
		size_t size = mark->index->spans[i].n_words * sizeof(**saved);

		saved[i] = mem_array(size, 1);
		memcpy(saved[i], mark->bits[i], size);
	}
	return saved;
}

void mark_restore(struct mark *mark, uint64_t **saved)
{
	free_bits(mark, mark->bits);
	mark->bits = saved;
}
