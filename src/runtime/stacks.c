/* SPDX-License-Identifier: MIT */
#include "runtime/stacks.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/range.h"
#include "runtime/pthread_block.h"
#include "runtime/stack_guard.h"

/* There may be tens of thousands of threads: nothing is looked for among all of them for each of them. */
struct finder {
	struct source *source;
	struct facts *facts;
	uint64_t *controls; /* that the kernel knows, sorted */
	size_t n_controls;
	uint32_t *
		by_inner_tid; /* indices of the threads that memory numbers otherwise, sorted by that number */
	size_t n_inner;
	bool *has_block;  /* by thread */
	bool *is_scanned; /* by mapping, for guards without one */
	/* Threads whose memory may not be read, and whose mappings do not say where their stacks are. */
	uint32_t *unread; /* indices in facts.threads */
	size_t n_unread, cap_unread;
	size_t n_rings; /* that were followed */
};

static void add_block(struct finder *f, const struct stack_block *block, int32_t tid)
{
	struct facts *facts = f->facts;
	size_t thread = facts_find_thread(facts, tid);

	mem_grow(facts->blocks, facts->n_blocks, facts->cap_blocks);
	facts->blocks[facts->n_blocks] = *block;
	facts->blocks[facts->n_blocks++].tid = tid;
	if (thread < facts->n_threads)
		f->has_block[thread] = true;
}

/* ---- blocks that the kernel knows of ---- */

static int compare_controls(const void *a, const void *b)
{
	const uint64_t *x = a;
	const uint64_t *y = b;

	return (*x > *y) - (*x < *y);
}

static void sort_controls(struct finder *f)
{
	const struct facts *facts = f->facts;

	f->controls = mem_array(facts->n_threads, sizeof(*f->controls));
	for (size_t i = 0; i < facts->n_threads; i++)
		if (facts->threads[i].control != UNKNOWN)
			f->controls[f->n_controls++] = facts->threads[i].control;
	mem_sort(f->controls, f->n_controls, sizeof(*f->controls), compare_controls);
}

/* Whether [start, end) holds the block of another thread than the one at `control`. */
static bool holds_other_block(const struct finder *f, uint64_t start, uint64_t end, uint64_t control)
{
	size_t first = address_find(f->controls, f->n_controls, start);
	size_t last = address_find(f->controls, f->n_controls, end);

	return first < last && (f->controls[first] != control || f->controls[last - 1] != control);
}

/*
 * The plain case, where memory may not be read: a mapping with its guard below and the block in
 * its last page, where glibc puts it, and no other stack in it that may have merged.
 */
static bool has_plain_stack(const struct finder *f, size_t i, uint64_t control, struct stack_block *ret)
{
	const struct facts *facts = f->facts;
	const struct mapping *m = &facts->mappings[i];

	if (!has_guard_below(facts, i) || page_ceil(control + 1, facts->page_size) != m->end ||
	    m[-1].end - m[-1].start > GUARD_MAX || holds_other_block(f, m->start, m->end, control))
		return false;
	*ret = (struct stack_block){ .start = m[-1].start, .end = m->end, .guard = m->start - m[-1].start };
	return true;
}

#define BLOCKS_AT_ONCE (PARTS_MAX / 2) /* each takes two parts */

/* A thread whose control block the kernel knows, and what was read of the block. */
struct known_block {
	const struct thread *thread;
	size_t mapping;
	uint64_t start;
	size_t len;
	bool is_read;
	int32_t number; /* of the thread, read after the rest; NO_TID where it was not */
	unsigned char bytes[GLIBC_BLOCK];
};

/*
 * What the block itself says; its fields come after the list of robust futexes, which is what
 * the kernel knows. *ret_readable: whether it could be asked.
 */
static bool has_known_fields(struct source *source, const struct facts *facts,
			     const struct known_block *known, struct stack_block *ret, bool *ret_readable)
{
	uint64_t control = known->thread->control;
	struct window w;

	if (known->is_read)
		window_fill(&w, facts, known->start, known->bytes, known->len);
	else
		window_read(source, facts, known->start, known->start + known->len, &w);
	*ret_readable = w.n > 0;
	return control_known_fields(facts, &w, BEFORE_LIST / w.word_size, w.n, control, ret);
}

static void add_unread(struct finder *f, const struct thread *thread)
{
	mem_grow(f->unread, f->n_unread, f->cap_unread);
	f->unread[f->n_unread++] = (uint32_t)(thread - f->facts->threads);
}

static void read_known_block(struct finder *f, const struct known_block *known)
{
	struct source *source = f->source;
	const struct facts *facts = f->facts;
	const struct thread *thread = known->thread;
	struct stack_block block;
	bool is_readable;

	if (!has_known_fields(source, facts, known, &block, &is_readable)) {
		if (is_readable)
			return;
		if (!has_plain_stack(f, known->mapping, thread->control, &block)) {
			add_unread(f, thread);
			return;
		}
	}
	stack_add_guard(source, facts, &block);
	/*
	 * While all this was read, it may have ended, and its stack may have become another's: the kernel clears
	 * the number in the block when the thread ends. In a PID namespace of its own, numbers are others.
	 */
	if (known->number == thread->tid || source_find_control(source, thread->tid) == thread->control)
		add_block(f, &block, thread->tid);
}

static bool has_known_block(const struct facts *facts, const struct thread *thread, struct known_block *ret)
{
	size_t i =
		thread->control == UNKNOWN ? facts->n_mappings : facts_find_mapping(facts, thread->control);

	if (i == facts->n_mappings || facts->mappings[i].start > thread->control ||
	    thread->tid == facts->process.pid)
		return false;
	ret->thread = thread;
	ret->mapping = i;
	ret->start = page_floor(thread->control, 8) - BEFORE_LIST;
	ret->len = (size_t)MIN(facts->mappings[i].end - ret->start, sizeof(ret->bytes));
	ret->is_read = false;
	ret->number = NO_TID;
	return true;
}

/*
 * To look where nobody has been could make the kernel bring a page into the process, or wait for a program
 * that answers its page faults itself (userfaultfd(2)): any thread may tell the kernel of any address.
 */
static bool is_in_one_page(const struct facts *facts, const struct known_block *known)
{
	return page_floor(known->start, facts->page_size) ==
	       page_floor(known->start + known->len - 1, facts->page_size);
}

/* The number of the thread comes before the list of robust futexes, and before a link of that. */
static struct memory_part number_part(const struct facts *facts, struct known_block *known)
{
	return (struct memory_part){
		.addr = known->thread->control - 8 - facts->word_size,
		.buf = &known->number,
		.len = sizeof(known->number),
	};
}

/* The numbers come last: a thread that has its number then had its block all the time. */
static void read_together(struct source *source, const struct facts *facts, struct known_block *known,
			  size_t n)
{
	struct memory_part parts[PARTS_MAX];
	uint64_t addrs[BLOCKS_AT_ONCE] = { 0 };
	bool is_present[BLOCKS_AT_ONCE];
	size_t which[BLOCKS_AT_ONCE];
	size_t n_parts = 0;
	size_t n_read;

	for (size_t i = 0; i < n; i++)
		addrs[i] = known[i].start;
	source_find_present(source, addrs, n, is_present);
	for (size_t i = 0; i < n; i++)
		if (is_nameless(facts, &facts->mappings[known[i].mapping]) &&
		    is_in_one_page(facts, &known[i]) && is_present[i]) {
			parts[n_parts] = (struct memory_part){ known[i].start, known[i].bytes, known[i].len };
			which[n_parts++] = i;
		}
	for (size_t i = 0; i < n_parts; i++)
		parts[n_parts + i] = number_part(facts, &known[which[i]]);
	n_read = source_read_parts(source, parts, 2 * n_parts);
	for (size_t i = 0; i < MIN(n_read, n_parts); i++)
		known[which[i]].is_read = true;
}

static void read_known_blocks(struct finder *f)
{
	const struct facts *facts = f->facts;
	_cleanup_free_ struct known_block *known = NULL;

	if (facts->n_threads > 0)
		known = mem_array(BLOCKS_AT_ONCE, sizeof(*known));
	for (size_t next = 0; next < facts->n_threads;) {
		size_t n = 0;

		for (; next < facts->n_threads && n < BLOCKS_AT_ONCE; next++)
			n += has_known_block(facts, &facts->threads[next], &known[n]);
		read_together(f->source, facts, known, n);
		for (size_t i = 0; i < n; i++)
			read_known_block(f, &known[i]);
	}
}

/* ---- guards without a mapping ---- */

/* glibc keeps stacks of ended threads up to 40 MiB: a larger mapping has some only beside those in use. */
#define KEPT_MAX (UINT64_C(64) << 20)

/* A process can have any number of mappings that may hold stacks; not all can be looked into. */
#define SEARCHES_MAX 1024

static bool scan_mapping(struct finder *f, size_t i)
{
	struct facts *facts = f->facts;
	const struct mapping *m = &facts->mappings[i];

	if (f->is_scanned[i] || !is_nameless(facts, m) || (m->perms & (PERM_R | PERM_W)) != (PERM_R | PERM_W))
		return false;
	f->is_scanned[i] = true;
	stack_find_hidden_guards(f->source, facts, m);
	return true;
}

static void sort_guards(struct facts *facts)
{
	range_sort(facts->hidden_guards, facts->n_hidden_guards, sizeof(*facts->hidden_guards));
}

/* Of two threads above one guard, the lower one's stack begins there; where the other's does, nothing says. */
static bool has_stack_above_guard(const struct finder *f, uint64_t control, struct stack_block *ret,
				  bool *ret_ends_there)
{
	const struct hidden_guard *guard = stack_hidden_guard_below(f->facts, control);

	if (!guard || holds_other_block(f, guard->start, control, control))
		return false;
	*ret = (struct stack_block){
		.start = guard->start,
		.end = page_ceil(control + 1, f->facts->page_size),
		.guard = guard->end - guard->start,
	};
	*ret_ends_there = ret->end == guard->top;
	return true;
}

/*
 * The block is in the last page of the memory that ends with it. Where other memory follows, it is in the last
 * page of the stack if it lies there just as that of another thread does: `place`, an offset in a page.
 */
static void add_above_guards(struct finder *f, bool ends_there, uint64_t *page_offset)
{
	const struct facts *facts = f->facts;

	for (size_t i = 0; i < f->n_unread; i++) {
		const struct thread *thread = &facts->threads[f->unread[i]];
		uint64_t offset = thread->control % facts->page_size;
		struct stack_block block;
		bool ends;

		if (!has_stack_above_guard(f, thread->control, &block, &ends) || ends != ends_there ||
		    (!ends_there && offset != *page_offset) ||
		    source_find_control(f->source, thread->tid) != thread->control)
			continue;
		*page_offset = offset;
		add_block(f, &block, thread->tid);
	}
}

static void read_by_guards(struct finder *f)
{
	struct facts *facts = f->facts;
	uint64_t page_offset = UNKNOWN;

	for (size_t i = 0; i < f->n_unread; i++)
		scan_mapping(f, facts_find_mapping(facts, facts->threads[f->unread[i]].control));
	sort_guards(facts);
	add_above_guards(f, true, &page_offset);
	add_above_guards(f, false, &page_offset);
}

static bool is_hidden(const struct facts *facts, const struct stack_block *block)
{
	size_t i = facts_find_mapping(facts, block->start);

	return block->guard > 0 && i < facts->n_mappings && (facts->mappings[i].perms & (PERM_R | PERM_W));
}

/* Where one stack's guard leaves no mapping, those of ended threads do not either. */
static void find_hidden_guards(struct finder *f)
{
	struct facts *facts = f->facts;
	/* Of 32-bit processes the kernel does not say where blocks are. */
	bool is_needed = facts->word_size == 4 && facts->n_blocks + 1 < facts->n_threads;
	uint64_t most = is_needed ? UINT64_MAX : KEPT_MAX;
	size_t searches = 0;

	for (size_t i = 0; i < facts->n_blocks; i++)
		if (is_hidden(facts, &facts->blocks[i])) {
			scan_mapping(f, facts_find_mapping(facts, facts->blocks[i].start));
			is_needed = true;
		}
	for (size_t i = 0; is_needed && i < facts->n_mappings && searches < SEARCHES_MAX; i++)
		if (facts->mappings[i].end - facts->mappings[i].start <= most)
			searches += scan_mapping(f, i);
	sort_guards(facts);
}

/* ---- blocks that nothing points to: found by what they contain ---- */

#define NUMBER_MAX 0x400 /* how far into glibc's block the number of its thread is looked for */

/*
 * musl's has it behind its own address, the links and the canary: as the fifth to the eighth word, which
 * depends on the machine and the version (src/internal/pthread_impl.h). Small numbers follow it.
 */
#define MUSL_NUMBER_FIRST 4
#define MUSL_NUMBER_LAST 7

static int compare_inner_tids(const void *a, const void *b, void *threads)
{
	const struct thread *x = (const struct thread *)threads + *(const uint32_t *)a;
	const struct thread *y = (const struct thread *)threads + *(const uint32_t *)b;

	return (x->inner_tid > y->inner_tid) - (x->inner_tid < y->inner_tid);
}

static void sort_inner_tids(struct finder *f)
{
	const struct facts *facts = f->facts;

	f->by_inner_tid = mem_array(facts->n_threads, sizeof(*f->by_inner_tid));
	for (size_t i = 0; i < facts->n_threads; i++)
		if (facts->threads[i].inner_tid != 0)
			f->by_inner_tid[f->n_inner++] = (uint32_t)i;
	if (f->n_inner > 1)
		qsort_r(f->by_inner_tid, f->n_inner, sizeof(*f->by_inner_tid), compare_inner_tids,
			facts->threads);
}

/* The index of the thread that memory gives this number, or n_threads. */
static size_t find_thread(const struct finder *f, uint32_t number)
{
	const struct facts *facts = f->facts;
	size_t low = 0;
	size_t high = f->n_inner;

	if (f->n_inner == 0)
		return facts_find_thread(facts, (int32_t)number);
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (facts->threads[f->by_inner_tid[middle]].inner_tid < (int32_t)number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < f->n_inner && facts->threads[f->by_inner_tid[low]].inner_tid == (int32_t)number ?
		       f->by_inner_tid[low] :
		       facts->n_threads;
}

static bool is_missing_thread(const struct finder *f, size_t thread)
{
	const struct facts *facts = f->facts;

	return thread < facts->n_threads && facts->threads[thread].tid != facts->process.pid &&
	       !f->has_block[thread];
}

/* A control block begins with its own address: the next word from `i` on that is one, or w->n. */
static size_t next_block(const struct window *w, size_t i)
{
	while (i < w->n && w->words[i] != w->start + i * w->word_size)
		i++;
	return i;
}

/*
 * The number of a thread is 32 bits wide, and both libraries have it where a word begins: what follows it in
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

/* The thread of the control block at word `i`, unless its block is known already, or NO_TID. */
static int32_t thread_of_block(const struct finder *f, const struct window *w, size_t i)
{
	return control_is_glibc(w, i) ? thread_of_glibc(f, w, i) : thread_of_musl(f, w, i);
}

/* One has all threads in it. Of more, which take as long again each, memory is made to deceive. */
#define RINGS_MAX 8

/*
 * musl links the blocks of all threads in a ring: from one, all others are found, wherever
 * they are. The link follows the block's own address and, on some machines, one more word.
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
				add_block(f, &block, tid);
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
		/* The kernel knows the blocks of glibc's living threads: this one is just ending. */
		if (control_is_glibc(w, i) && w->word_size == 8 && facts->has_robust_lists)
			continue;
		stack_add_guard(f->source, facts, &block);
		add_block(f, &block, tid);
		if (!control_is_glibc(w, i))
			follow_ring(f, w->start + i * w->word_size);
		return true;
	}
	return false;
}

/* Where the range does, or in pieces, right above its guard. */
static bool begins_right(const struct facts *facts, const struct stack_block *block,
			 const struct mapping *range)
{
	uint64_t start = block->start + block->guard;
	size_t i = facts_find_mapping(facts, start);

	return start == range->start ||
	       (start < range->start && facts->mappings[i].start == start && has_guard_below(facts, i));
}

/* glibc keeps the stacks of threads that have ended, with their blocks in them. `range`: without the guard. */
static void search_left_behind(struct finder *f, const struct mapping *range, const struct window *w)
{
	const struct facts *facts = f->facts;
	struct stack_block block;

	for (size_t i = next_block(w, 0); i + 4 <= w->n; i = next_block(w, i + 1)) {
		if (!control_is_glibc(w, i) || !control_find_fields(facts, w, i, &block) ||
		    page_ceil(block.end, facts->page_size) != range->end ||
		    !begins_right(facts, &block, range))
			continue;
		add_block(f, &block, NO_TID);
		return;
	}
}

/* The control block at the top of a range that looks like a stack. */
static void search_range(struct finder *f, const struct mapping *range)
{
	uint64_t start = range->end - MIN(range->end - range->start, WINDOW_MAX);
	struct window w;

	if (window_read(f->source, f->facts, start, range->end, &w) && !search_living(f, &w))
		search_left_behind(f, range, &w);
}

/* The first `n_sorted` blocks are in order; the others are few, and were found since. */
static bool has_block(const struct facts *facts, size_t n_sorted, const struct mapping *m)
{
	if (stack_blocks_overlap(facts->blocks, n_sorted, m))
		return true;
	for (size_t i = n_sorted; i < facts->n_blocks; i++)
		if (facts->blocks[i].start < m->end && facts->blocks[i].end > m->start)
			return true;
	return false;
}

#define UNSORTED_MAX 64 /* blocks that are looked through one by one; a ring has any number of them */

static void keep_sorted(struct facts *facts, size_t *n_sorted)
{
	if (*n_sorted > 0 && facts->n_blocks - *n_sorted <= UNSORTED_MAX)
		return;
	range_sort(facts->blocks, facts->n_blocks, sizeof(*facts->blocks));
	*n_sorted = facts->n_blocks;
}

/* What was locked or advised of in part is several mappings: the block is in the uppermost. */
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

		keep_sorted(f->facts, n_sorted);
		is_stack = has_guard_below(facts, i) || (is_stack && is_next_piece(facts, m));
		if (!is_stack || !(m->perms & PERM_W) || has_block(facts, *n_sorted, m))
			continue;
		search_range(f, m);
		++*searches;
	}
}

/* In mappings that look like stacks, and between guards without a mapping. */
static void search_blocks(struct finder *f)
{
	const struct facts *facts = f->facts;
	size_t n_sorted = 0;
	size_t searches = 0;

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
}

/* ---- all of them, in order ---- */

/* Memory that changes while it is read may say anything: of blocks that overlap none is believed. */
static void sort_blocks(struct facts *facts)
{
	range_sort(facts->blocks, facts->n_blocks, sizeof(*facts->blocks));
	facts->n_blocks = range_cut(facts->blocks, facts->n_blocks, sizeof(*facts->blocks), RANGE_NONE_WINS);
}

void read_stacks(struct source *source, struct facts *facts)
{
	struct finder f = { .source = source, .facts = facts };

	f.has_block = mem_alloc(facts->n_threads * sizeof(*f.has_block));
	f.is_scanned = mem_alloc(facts->n_mappings * sizeof(*f.is_scanned));
	sort_controls(&f);
	sort_inner_tids(&f);
	read_known_blocks(&f);
	read_by_guards(&f);
	find_hidden_guards(&f);
	search_blocks(&f);
	sort_blocks(facts);
	free(f.controls);
	free(f.by_inner_tid);
	free(f.has_block);
	free(f.is_scanned);
	free(f.unread);
}
