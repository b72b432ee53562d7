/* SPDX-License-Identifier: MIT */
#include "heap/read_leaks.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "heap/lost_blocks.h"
#include "heap/mark_reachable.h"
#include "heap/note_unsure.h"
#include "heap/roots.h"

#define WORDS_MAX 8192 /* bytes of registers */
#define PAUSE_S 1      /* between two passes */
#define REGISTERS 16   /* registers of a thread that may hold a pointer */

/* ---- a pass ---- */

struct pass {
	struct source *source;
	const struct space *space;
	struct block_index index;
	struct page_set pages;
	struct mark mark;
	struct lost_blocks lost;
	size_t n_unread_threads; /* threads whose registers are not known */
};

static void add_range(struct page_range *ranges, size_t *n, uint64_t start, uint64_t end, uint64_t page_size)
{
	start = page_floor(start, page_size);
	end = page_ceil(end, page_size);
	if (*n > 0 && ranges[*n - 1].end >= start)
		ranges[*n - 1].end = MAX(ranges[*n - 1].end, end);
	else
		ranges[(*n)++] = (struct page_range){ .start = start, .end = end };
}

/* Roots and spans are both sorted. */
static void read_pages(struct pass *pass, const struct root *roots, size_t n_roots)
{
	const struct block_index *index = &pass->index;
	uint64_t page_size = pass->space->facts.page_size;
	struct page_range *ranges = mem_array(n_roots + index->n_spans, sizeof(*ranges));
	size_t n = 0;
	size_t i = 0;
	size_t k = 0;

	while (i < n_roots || k < index->n_spans) {
		bool is_root = k == index->n_spans || (i < n_roots && roots[i].start < index->spans[k].start);

		add_range(ranges, &n, is_root ? roots[i].start : index->spans[k].start,
			  is_root ? roots[i].end : index->spans[k].end, page_size);
		i += is_root;
		k += !is_root;
	}
	page_set_read(&pass->pages, pass->source, ranges, n);
	free(ranges);
}

static void mark_threads(struct pass *pass)
{
	const struct facts *facts = &pass->space->facts;
	unsigned char words[WORDS_MAX];

	for (size_t i = 0; i < facts->n_threads; i++) {
		ssize_t n =
			source_read_register_words(pass->source, facts->threads[i].tid, words, sizeof(words));

		if (n > 0)
			mark_registers(&pass->mark, words, (size_t)n);
		else
			pass->n_unread_threads++;
	}
	pass->n_unread_threads += facts->n_threads == 0;
}

static void run_pass(struct pass *pass, struct heap *heap, struct notes *notes)
{
	_cleanup_free_ struct root *roots = NULL;
	size_t n_roots;

	block_index_read(pass->source, pass->space, heap, &pass->index, notes);
	roots = find_roots(pass->source, pass->space, heap, &pass->index, &n_roots);
	read_pages(pass, roots, n_roots);
	mark_init(&pass->mark, pass->source, &pass->space->facts, &pass->index, &pass->pages);
	for (size_t i = 0; i < n_roots; i++)
		mark_range(&pass->mark, roots[i].start, roots[i].end, roots[i].is_optional);
	mark_read_blocks(&pass->mark);
	mark_threads(pass);
	/* Nothing can change a lost block any more, so its class can be read after the process goes on. */
	source_release_process(pass->source);
	mark_spread(&pass->mark);
	lost_find(&pass->lost, &pass->mark);
}

static void pass_done(struct pass *pass)
{
	lost_done(&pass->lost);
	mark_done(&pass->mark);
	page_set_done(&pass->pages);
	block_index_done(&pass->index);
}

/* ---- what is lost ---- */

static bool holds_still(const struct source *source, const struct facts *facts)
{
	if (source->is_held || facts->origin == ORIGIN_CORE)
		return true;
	for (size_t i = 0; i < facts->n_threads; i++)
		if (facts->threads[i].state != 'T' && facts->threads[i].state != 't')
			return false;
	return facts->n_threads > 0;
}

/* Runs a second pass after a pause, and keeps the blocks that both passes found lost. */
static void run_again(struct pass *pass, const struct pass *before, struct heap *heap, struct notes *notes)
{
	struct timespec pause = { .tv_sec = PAUSE_S };

	*pass = (struct pass){ .source = before->source, .space = before->space };
	nanosleep(&pause, NULL);
	heap_done(heap);
	run_pass(pass, heap, notes);
	lost_agree(&pass->lost, &before->lost, &pass->mark);
}

/* Unread memory may lead to any lost block; a thread's unread registers only to a few, which are left out. */
static void settle(struct pass *pass, struct leaks *leaks, struct notes *notes)
{
	leaks->unsure_blocks = pass->lost.n;
	leaks->unsure_bytes = lost_bytes(&pass->lost);
	if (pass->lost.n > 0)
		leaks->unread = pass->mark.unread;
	if (leaks->unread == 0) {
		if (pass->n_unread_threads > 0)
			lost_doubt(&pass->lost, pass->n_unread_threads * REGISTERS, &pass->mark);
		leaks->unsure_blocks -= pass->lost.n;
		leaks->unsure_bytes -= lost_bytes(&pass->lost);
	}
	note_unsure(leaks, &pass->space->facts, &pass->mark.most_unread, notes);
}

static void group(struct pass *pass, bool wants_debuginfod, struct leaks *leaks, struct notes *notes)
{
	struct block_groups groups;

	lost_find_holders(&pass->lost, &pass->mark);
	block_groups_init(&groups, pass->source, pass->space, wants_debuginfod);
	lost_group(&pass->lost, &groups, &leaks->list);
	symbolizer_note(&groups.classes.symbols, notes);
	classes_note(&groups.classes, notes);
	block_groups_done(&groups);
}

void read_leaks(struct source *source, const struct space *space, bool wants_debuginfod, struct heap *heap,
		struct leaks *ret, struct notes *notes)
{
	struct pass first = { .source = source, .space = space };
	struct pass second = { 0 };
	struct pass *last = &first;
	struct notes of_pass = { 0 };
	bool is_still = holds_still(source, &space->facts);

	*ret = (struct leaks){ 0 };
	run_pass(&first, heap, &of_pass);
	if (first.lost.n > 0 && !is_still) {
		notes_done(&of_pass);
		run_again(&second, &first, heap, &of_pass);
		last = &second;
	}
	notes_move(notes, &of_pass);
	ret->is_missing = heap->is_missing;
	settle(last, ret, notes);
	if (last->lost.n > 0)
		group(last, wants_debuginfod, ret, notes);
	pass_done(&first);
	pass_done(&second);
}
