/* SPDX-License-Identifier: MIT */
#include "runtime/stacks.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/range.h"
#include "runtime/stack_finder.h"

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

void stacks_add(struct finder *f, const struct stack_block *block, int32_t tid)
{
	struct facts *facts = f->facts;
	size_t thread = facts_find_thread(facts, tid);

	mem_grow(facts->blocks, facts->n_blocks, facts->cap_blocks);
	facts->blocks[facts->n_blocks] = *block;
	facts->blocks[facts->n_blocks++].tid = tid;
	if (thread < facts->n_threads)
		f->has_block[thread] = true;
}

bool stacks_confirm(struct finder *f, size_t thread)
{
	struct thread *asked = &f->facts->threads[thread];

	if (source_find_control(f->source, asked->tid) != asked->control)
		asked->control = UNKNOWN;
	return asked->control != UNKNOWN;
}

bool stacks_hold_other(const struct finder *f, uint64_t start, uint64_t end, uint64_t control)
{
	size_t first = address_find(f->controls, f->n_controls, start);
	size_t last = address_find(f->controls, f->n_controls, end);

	return first < last && (f->controls[first] != control || f->controls[last - 1] != control);
}

/* Memory that changes while it is read may say anything: if blocks overlap, none of them is believed. */
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
	stacks_read_known(&f);
	stacks_read_above_guards(&f);
	stacks_find_hidden_guards(&f);
	stacks_search(&f);
	sort_blocks(facts);
	free(f.controls);
	free(f.inner);
	free(f.has_block);
	free(f.is_scanned);
	free(f.unread);
}
