/* SPDX-License-Identifier: MIT */
#include "runtime/stack_finder.h"

#include <string.h>

#include "base/mem.h"
#include "runtime/pthread_block.h"
#include "runtime/stack_guard.h"

/*
 * The plain case, if memory may not be read: a mapping with its guard below, with the control block
 * in its last page, where glibc puts it, and with no other stack merged into it.
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

/* A thread whose control block the kernel knows. */
struct known_block {
	const struct thread *thread;
	size_t mapping;
	uint64_t start;
	size_t len;
	bool is_present; /* in memory, and not of a file: reading it cannot block */
};

static void read_window(struct source *source, const struct facts *facts, const struct known_block *known,
			struct window *w)
{
	unsigned char bytes[GLIBC_BLOCK];
	struct memory_part part = { known->start, bytes, known->len };

	if (known->is_present && source_read_parts(source, &part, 1) == 1)
		window_fill(w, facts, known->start, bytes, known->len);
	else
		window_read(source, facts, known->start, known->start + known->len, w);
}

/*
 * Takes the stack from the block's own fields, which come after the list of robust futexes that the
 * kernel knows.
 */
static bool has_known_fields(const struct facts *facts, const struct known_block *known,
			     const struct window *w, struct stack_block *ret)
{
	return control_known_fields(facts, w, BEFORE_LIST / w->word_size, w->n, known->thread->control, ret);
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
	struct window w;

	read_window(source, facts, known, &w);
	if (!has_known_fields(facts, known, &w, &block)) {
		if (w.n > 0)
			return;
		if (!has_plain_stack(f, known->mapping, thread->control, &block)) {
			add_unread(f, thread);
			return;
		}
	}
	stack_add_guard(source, facts, &block);
	if (stacks_confirm(f, (size_t)(thread - facts->threads)))
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
	ret->len = (size_t)MIN(facts->mappings[i].end - ret->start, (uint64_t)GLIBC_BLOCK);
	ret->is_present = false;
	return true;
}

/*
 * Reading an untouched page could make the kernel bring it into the process, or wait for a program
 * that handles its page faults itself (userfaultfd(2)): a thread may give the kernel any address as
 * its robust list.
 */
static bool is_in_one_page(const struct facts *facts, const struct known_block *known)
{
	return page_floor(known->start, facts->page_size) ==
	       page_floor(known->start + known->len - 1, facts->page_size);
}

static void find_present(struct source *source, const struct facts *facts, struct known_block *known,
			 size_t n)
{
	uint64_t addrs[PARTS_MAX] = { 0 };
	bool is_present[PARTS_MAX];

	for (size_t i = 0; i < n; i++)
		addrs[i] = known[i].start;
	source_find_present(source, addrs, n, is_present);
	for (size_t i = 0; i < n; i++)
		known[i].is_present = is_present[i] && is_in_one_page(facts, &known[i]) &&
				      is_nameless(facts, &facts->mappings[known[i].mapping]);
}

void stacks_read_known(struct finder *f)
{
	const struct facts *facts = f->facts;
	struct known_block known[PARTS_MAX];

	for (size_t next = 0; next < facts->n_threads;) {
		size_t n = 0;

		for (; next < facts->n_threads && n < PARTS_MAX; next++)
			n += has_known_block(facts, &facts->threads[next], &known[n]);
		find_present(f->source, facts, known, n);
		for (size_t i = 0; i < n; i++)
			read_known_block(f, &known[i]);
	}
}
