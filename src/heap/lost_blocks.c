/* SPDX-License-Identifier: MIT */
#include "heap/lost_blocks.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/range.h"

void lost_done(struct lost_blocks *lost)
{
	free(lost->items);
	*lost = (struct lost_blocks){ 0 };
}

void lost_find(struct lost_blocks *lost, const struct mark *mark)
{
	struct block_place place = { 0 };
	struct heap_block block;

	while (block_index_next(mark->index, &place, &block)) {
		if (mark_is_set(mark, block.start))
			continue;
		mem_grow(lost->items, lost->n, lost->cap);
		lost->items[lost->n++] = (struct lost_block){ block.start, block.end, UNKNOWN };
	}
}

uint64_t lost_bytes(const struct lost_blocks *lost)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < lost->n; i++)
		bytes += lost->items[i].end - lost->items[i].start;
	return bytes;
}

/* NULL: no lost block starts there. */
static struct lost_block *find(const struct lost_blocks *lost, uint64_t start)
{
	size_t i = range_find(lost->items, lost->n, sizeof(*lost->items), start);

	return i < lost->n && lost->items[i].start == start ? &lost->items[i] : NULL;
}

/* Marks a block, and with the next mark_spread() what it leads to. */
static void mark_block(struct mark *mark, const struct lost_block *block)
{
	mark_address(mark, block->start + 2 * mark->word_size);
}

static void drop_marked(struct lost_blocks *lost, const struct mark *mark)
{
	size_t n = 0;

	for (size_t i = 0; i < lost->n; i++)
		if (!mark_is_set(mark, lost->items[i].start))
			lost->items[n++] = lost->items[i];
	lost->n = n;
}

void lost_agree(struct lost_blocks *lost, const struct lost_blocks *before, struct mark *mark)
{
	for (size_t i = 0; i < lost->n; i++) {
		const struct lost_block *old = find(before, lost->items[i].start);

		if (!old || old->end != lost->items[i].end)
			mark_block(mark, &lost->items[i]);
	}
	mark_spread(mark);
	drop_marked(lost, mark);
}

/* ---- holders ---- */

struct holding {
	struct lost_blocks *lost;
	const struct mark *mark;
	uint64_t holder; /* start of the block whose pointers are looked at */
};

static void take_held(void *context, uint64_t place _unused_, uint64_t addr)
{
	const struct holding *holding = context;
	struct heap_block block;
	struct lost_block *held;

	if (!mark_find(holding->mark, addr, &block) || block.start == holding->holder)
		return;
	held = find(holding->lost, block.start);
	if (held && held->holder == UNKNOWN)
		held->holder = holding->holder;
}

void lost_find_holders(struct lost_blocks *lost, const struct mark *mark)
{
	struct holding holding = { lost, mark, 0 };

	for (size_t i = 0; i < lost->n; i++)
		lost->items[i].holder = UNKNOWN;
	for (size_t i = 0; i < lost->n; i++) {
		struct heap_block block = { .start = lost->items[i].start, .end = lost->items[i].end };

		holding.holder = block.start;
		pointers_each(&mark->pointers, block_user_start(&block, mark->word_size),
			      mark_user_end(mark, &block), take_held, &holding);
	}
}

/* ---- what unknown pointers may lead to ---- */

struct sources {
	struct lost_block *items;
	size_t n, cap;
};

static void add_source(struct sources *sources, const struct lost_block *block, struct mark *mark)
{
	mem_grow(sources->items, sources->n, sources->cap);
	sources->items[sources->n++] = *block;
	mark_block(mark, block);
}

/* The blocks that no other lost block points to, and then one of each cycle that these do not lead to. */
static void find_sources(const struct lost_blocks *lost, struct mark *mark, struct sources *sources)
{
	for (size_t i = 0; i < lost->n; i++)
		if (lost->items[i].holder == UNKNOWN)
			add_source(sources, &lost->items[i], mark);
	mark_spread(mark);
	for (size_t i = 0; i < lost->n; i++) {
		if (mark_is_set(mark, lost->items[i].start))
			continue;
		add_source(sources, &lost->items[i], mark);
		mark_spread(mark);
	}
}

static int compare_sizes(const void *a, const void *b)
{
	const struct lost_block *x = a;
	const struct lost_block *y = b;
	uint64_t x_size = x->end - x->start;
	uint64_t y_size = y->end - y->start;

	if (x_size != y_size)
		return x_size > y_size ? 1 : -1;
	return (x->start > y->start) - (x->start < y->start);
}

/* If there are more blocks of one size than pointers, all blocks of that size count as lost. */
static void mark_doubtful(const struct sources *sources, size_t n_pointers, struct mark *mark)
{
	size_t end;

	for (size_t i = 0; i < sources->n; i = end) {
		const struct lost_block *first = &sources->items[i];

		end = i + 1;
		while (end < sources->n &&
		       sources->items[end].end - sources->items[end].start == first->end - first->start)
			end++;
		for (size_t k = i; k < end && end - i <= n_pointers; k++)
			mark_block(mark, &sources->items[k]);
	}
}

void lost_doubt(struct lost_blocks *lost, size_t n_pointers, struct mark *mark)
{
	struct sources sources = { 0 };
	uint64_t **saved = mark_save(mark);

	lost_find_holders(lost, mark);
	find_sources(lost, mark, &sources);
	mark_restore(mark, saved);
	if (sources.n > 0)
		mem_sort(sources.items, sources.n, sizeof(*sources.items), compare_sizes);
	mark_doubtful(&sources, n_pointers, mark);
	mark_spread(mark);
	drop_marked(lost, mark);
	free(sources.items);
}

/* ---- groups ---- */

static int compare_groups(const void *a, const void *b)
{
	const struct block_group *x = a;
	const struct block_group *y = b;
	int order = (x->holder != UNKNOWN) - (y->holder != UNKNOWN);

	if (order != 0)
		return order;
	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return (x->sample > y->sample) - (x->sample < y->sample);
}

void lost_group(const struct lost_blocks *lost, struct block_groups *groups, struct block_list *ret)
{
	uint64_t header = 2 * groups->classes.memory.word_size;

	for (size_t i = 0; i < lost->n; i++) {
		const struct lost_block *item = &lost->items[i];
		struct heap_block block = { .start = item->start, .end = item->end };

		block_groups_add(groups, &block, item->holder == UNKNOWN ? UNKNOWN : item->holder + header);
	}
	block_groups_finish(groups, ret);
	if (ret->n_groups > 0)
		mem_sort(ret->groups, ret->n_groups, sizeof(*ret->groups), compare_groups);
}
