/* SPDX-License-Identifier: MIT */
#include "runtime/stack_finder.h"

#include <string.h>

#include "base/mem.h"
#include "runtime/pthread_block.h"
#include "runtime/stack_guard.h"

/*
 * The plain case, where memory may not be read: a mapping with its guard below and the block in
 * its last page, where glibc puts it, and no other stack in it that may have merged.
 */
static bool has_plain_stack(const struct finder *f, size_t i, uint64_t control, struct stack_block *ret)
{
	const struct facts *facts = f->facts;
	const struct mapping *m = &facts->mappings[i];

	if (!has_guard_below(facts, i) || page_ceil(control + 1, facts->page_size) != m->end ||
	    m[-1].end - m[-1].start > GUARD_MAX || stacks_hold_other(f, m->start, m->end, control))
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
		stacks_add(f, &block, thread->tid);
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
 * that answers its page faults itself (userfaultfd(2)): any thread may name any address to the kernel.
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

void stacks_read_known(struct finder *f)
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
