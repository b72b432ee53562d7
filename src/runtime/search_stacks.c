/* SPDX-License-Identifier: MIT */
#include "runtime/stack_finder.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/range.h"
#include "runtime/pthread_block.h"
#include "runtime/stack_guard.h"

#define NUMBER_MAX 0x400 /* how far into glibc's block the thread ID is looked for */

/*
 * musl's block has the thread ID after its own address, the links and the canary: as the fifth to
 * the eighth word, depending on the machine and the version (src/internal/pthread_impl.h). Small
 * numbers follow it.
 */
#define MUSL_NUMBER_FIRST 4
#define MUSL_NUMBER_LAST 7

static int compare_inner_tids(const void *a, const void *b)
{
	const struct inner_thread *x = a;
	const struct inner_thread *y = b;

	return (x->tid > y->tid) - (x->tid < y->tid);
}

static void sort_inner_tids(struct finder *f)
{
	const struct facts *facts = f->facts;

	f->inner = mem_array(facts->n_threads, sizeof(*f->inner));
	for (size_t i = 0; i < facts->n_threads; i++)
		if (facts->threads[i].inner_tid != 0)
			f->inner[f->n_inner++] =
				(struct inner_thread){ facts->threads[i].inner_tid, (uint32_t)i };
	mem_sort(f->inner, f->n_inner, sizeof(*f->inner), compare_inner_tids);
}

/* The index of the thread that has this ID in memory, or n_threads. */
static size_t find_thread(const struct finder *f, uint32_t number)
{
	const struct inner_thread key = { .tid = (int32_t)number };
	const struct inner_thread *found;

	if (f->n_inner == 0)
		return facts_find_thread(f->facts, (int32_t)number);
	found = bsearch(&key, f->inner, f->n_inner, sizeof(key), compare_inner_tids);
	return found ? found->thread : f->facts->n_threads;
}

static bool is_missing_thread(const struct finder *f, size_t thread)
{
	const struct facts *facts = f->facts;

	return thread < facts->n_threads && facts->threads[thread].tid != facts->process.pid &&
	       !f->has_block[thread];
}

/* A control block begins with its own address: the next word from `i` on that holds its own, or w->n. */
static size_t next_block(const struct window *w, size_t i)
{
	while (i < w->n && w->words[i] != w->start + i * w->word_size)
		i++;
	return i;
}

/*
 * A thread ID is 32 bits wide, and both libraries put it at the beginning of a word: the rest of
 * the word is another field, or the upper half of a pointer.
 */
static uint32_t number_at(const struct window *w, size_t i)
{
	uint32_t number = (uint32_t)w->words[i];

	if (w->word_size == 8)
		memcpy(&number, &w->words[i], sizeof(number));
	return number;
}

static int32_t thread_of_glibc(const struct finder *f, const struct window *w, size_t i)
{
	for (size_t k = i + 1; k < w->n && k < i + NUMBER_MAX / w->word_size; k++) {
		size_t thread = find_thread(f, number_at(w, k));

		if (is_missing_thread(f, thread))
			return f->facts->threads[thread].tid;
	}
	return NO_TID;
}

static int32_t thread_of_musl(const struct finder *f, const struct window *w, size_t i)
{
	for (size_t k = i + MUSL_NUMBER_FIRST; k < w->n && k <= i + MUSL_NUMBER_LAST; k++) {
		size_t thread = find_thread(f, number_at(w, k));

		if (thread < f->facts->n_threads)
			return is_missing_thread(f, thread) ? f->facts->threads[thread].tid : NO_TID;
	}
	return NO_TID;
}

/* The thread of the control block at word `i`; NO_TID: there is none, or its block is known already. */
static int32_t thread_of_block(const struct finder *f, const struct window *w, size_t i)
{
	return control_is_glibc(w, i) ? thread_of_glibc(f, w, i) : thread_of_musl(f, w, i);
}

/*
 * One ring has all threads in it. Memory with more rings, each of which takes as long again, is
 * made to deceive.
 */
#define RINGS_MAX 8

/*
 * musl links the blocks of all threads in a ring: from one, all others are found, wherever they
 * are. The links, previous and next, come after the block's own address and, on some machines, one
 * more word.
 */
static void follow_ring(struct finder *f, uint64_t from)
{
	const struct facts *facts = f->facts;
	struct window w;

	if (f->n_rings++ >= RINGS_MAX)
		return;
	for (size_t link = 2; link <= 3; link++) {
		uint64_t at = from;

		for (size_t i = 0; i <= facts->n_threads; i++) {
			struct stack_block block;
			int32_t tid;

			if (!window_read(f->source, facts, at, at + MUSL_BLOCK, &w) || w.n < 8 ||
			    w.words[0] != at)
				break;
			tid = thread_of_block(f, &w, 0);
			if (tid != NO_TID && control_find_fields(facts, &w, 0, &block)) {
				stack_add_guard(f->source, facts, &block);
				stacks_add(f, &block, tid);
			}
			if (w.words[link] == at || w.words[link] == from)
				break;
			at = w.words[link];
		}
	}
}

static bool search_living(struct finder *f, const struct window *w)
{
	const struct facts *facts = f->facts;
	struct stack_block block;

	for (size_t i = next_block(w, 0); i + 4 <= w->n; i = next_block(w, i + 1)) {
		int32_t tid = thread_of_block(f, w, i);

		if (tid == NO_TID || !control_find_fields(facts, w, i, &block))
			continue;
		/* The kernel knows the blocks of all living glibc threads: this thread is just ending. */
		if (control_is_glibc(w, i) && w->word_size == 8 && facts->has_robust_lists)
			continue;
		stack_add_guard(f->source, facts, &block);
		stacks_add(f, &block, tid);
		if (!control_is_glibc(w, i))
			follow_ring(f, w->start + i * w->word_size);
		return true;
	}
	return false;
}

/* Whether the stack begins with the range or, if it is in pieces, right above its guard. */
static bool begins_right(const struct facts *facts, const struct stack_block *block,
			 const struct mapping *range)
{
	uint64_t start = block->start + block->guard;
	size_t i = facts_find_mapping(facts, start);

	return start == range->start ||
	       (start < range->start && facts->mappings[i].start == start && has_guard_below(facts, i));
}

/*
 * glibc keeps the stacks of ended threads, with the control blocks in them. `range` does not
 * include the guard.
 */
static void search_left_behind(struct finder *f, const struct mapping *range, const struct window *w)
{
	const struct facts *facts = f->facts;
	struct stack_block block;

	for (size_t i = next_block(w, 0); i + 4 <= w->n; i = next_block(w, i + 1)) {
		if (!control_is_glibc(w, i) || !control_find_fields(facts, w, i, &block) ||
		    page_ceil(block.end, facts->page_size) != range->end ||
		    !begins_right(facts, &block, range))
			continue;
		stacks_add(f, &block, NO_TID);
		return;
	}
}

/* Looks for a control block at the top of a range that looks like a stack. */
static void search_range(struct finder *f, const struct mapping *range)
{
	uint64_t start = range->end - MIN(range->end - range->start, WINDOW_MAX);
	struct window w;

	if (window_read(f->source, f->facts, start, range->end, &w) && !search_living(f, &w))
		search_left_behind(f, range, &w);
}

/* The first `n_sorted` blocks are sorted; the others are few, and were found since. */
static bool has_block(const struct facts *facts, size_t n_sorted, const struct mapping *m)
{
	if (stack_blocks_overlap(facts->blocks, n_sorted, m))
		return true;
	for (size_t i = n_sorted; i < facts->n_blocks; i++)
		if (facts->blocks[i].start < m->end && facts->blocks[i].end > m->start)
			return true;
	return false;
}

#define UNSORTED_MAX 64 /* blocks that are searched one by one; following a ring may add any number */

static void keep_sorted(struct facts *facts, size_t *n_sorted)
{
	if (*n_sorted > 0 && facts->n_blocks - *n_sorted <= UNSORTED_MAX)
		return;
	range_sort(facts->blocks, facts->n_blocks, sizeof(*facts->blocks));
	*n_sorted = facts->n_blocks;
}

/*
 * Locking or advising a part of a stack splits its mapping (mlock(2), madvise(2)): the block is in
 * the uppermost piece.
 */
static bool is_next_piece(const struct facts *facts, const struct mapping *m)
{
	return m[-1].end == m->start && is_nameless(facts, m);
}

static void search_mapping_blocks(struct finder *f, size_t *n_sorted, size_t *searches)
{
	const struct facts *facts = f->facts;
	bool is_stack = false;

	for (size_t i = 0; i < facts->n_mappings && *searches < SEARCHES_MAX; i++) {
		const struct mapping *m = &facts->mappings[i];

		is_stack = has_guard_below(facts, i) || (is_stack && is_next_piece(facts, m));
		if (!is_stack || !(m->perms & PERM_W))
			continue;
		keep_sorted(f->facts, n_sorted);
		if (has_block(facts, *n_sorted, m))
			continue;
		search_range(f, m);
		++*searches;
	}
}

/* A thread without a stack may have it in memory that was not searched. */
static void note_unsearched(struct finder *f)
{
	for (size_t i = 0; i < f->facts->n_threads; i++)
		if (is_missing_thread(f, i)) {
			notes_warn(
				&f->facts->notes, "stacks-unsought",
				"too much memory looks like stacks: not all of it was searched for those of threads");
			return;
		}
}

void stacks_search(struct finder *f)
{
	const struct facts *facts = f->facts;
	size_t n_sorted = 0;
	size_t searches = 0;

	sort_inner_tids(f);
	search_mapping_blocks(f, &n_sorted, &searches);
	for (size_t i = 0; i < facts->n_hidden_guards && searches < SEARCHES_MAX; i++) {
		const struct hidden_guard *guard = &facts->hidden_guards[i];
		struct mapping range = { .start = guard->end, .end = guard->top };

		keep_sorted(f->facts, &n_sorted);
		if (range.start == range.end || has_block(facts, n_sorted, &range))
			continue;
		search_range(f, &range);
		searches++;
	}
	f->is_cut |= searches >= SEARCHES_MAX || f->n_rings > RINGS_MAX;
	if (f->is_cut)
		note_unsearched(f);
}
