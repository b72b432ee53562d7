/* SPDX-License-Identifier: MIT */
/* Threads of a snapshot, with their stacks. */
#include <stdlib.h>
#include <string.h>

#include "analysis/thread_stacks.h"
#include "base/mem.h"
#include "model/process_row.h"
#include "snapshot/target.h"
#include "views/views.h"

static struct thread *last_thread(struct target_reader *reader)
{
	return &reader->space->facts.threads[reader->space->facts.n_threads - 1];
}

static int take_tid(void *context, void *row _unused_, const struct value *value, struct error *err)
{
	struct target_reader *reader = context;
	struct thread *thread = last_thread(reader);

	if (value->cell.number == 0 || value->cell.number > INT32_MAX)
		return document_refuse(reader->document, err, "not the ID of a thread");
	thread->tid = (int32_t)value->cell.number;
	return 0;
}

static int take_comm(void *context, void *row _unused_, const struct value *value, struct error *err)
{
	struct target_reader *reader = context;
	struct thread *thread = last_thread(reader);

	if (value->cell.text && value->cell.len > PROCESS_NAME_MAX)
		return document_refuse(reader->document, err, "longer than the name of any thread");
	thread->comm = value->cell.text ? mem_copy(value->cell.text, value->cell.len) : NULL;
	thread->comm_len = value->cell.len;
	return 0;
}

static int take_state(void *context, void *row _unused_, const struct value *value, struct error *err)
{
	struct target_reader *reader = context;
	struct thread *thread = last_thread(reader);

	if (!value->cell.text)
		return 0;
	thread->state = thread_state_letter(value->cell.text);
	return thread->state ? 0 : document_refuse(reader->document, err, "not a state of a thread");
}

static int take_used_by(void *context, void *row, const struct value *value, struct error *err)
{
	static const char *const ways[] = { "pages", "sp" };
	struct target_reader *reader = context;
	size_t way = value->cell.text ? keys_word(&value->cell, ways, ARRAY_SIZE(ways)) : 0;

	((struct thread_stack *)row)->is_used_by_sp = way == 1;
	return way < ARRAY_SIZE(ways) ? 0 : document_refuse(reader->document, err, "neither sp nor pages");
}

static const struct taker takers[] = {
	{ "tid", take_tid },
	{ "comm", take_comm },
	{ "state", take_state },
	{ "used_by", take_used_by },
	{ NULL },
};

static int check_stack(struct target_reader *reader, const struct thread_stack *stack, struct error *err)
{
	const struct facts *facts = &reader->space->facts;
	bool has_stack = stack->start != UNKNOWN;

	if (facts->n_threads > 1 && stack->thread->tid <= stack->thread[-1].tid)
		return document_refuse(reader->document, err, "threads are not in the order of their IDs");
	if (has_stack != (stack->end != UNKNOWN) || (has_stack && stack->start >= stack->end))
		return document_refuse(reader->document, err, "its stack ends before it starts");
	if (stack->used != UNKNOWN && (!has_stack || stack->used > stack->end - stack->start))
		return document_refuse(reader->document, err, "it uses more than its stack");
	return 0;
}

int take_thread(struct target_reader *reader, const json_t *json, struct error *err)
{
	static struct keys keys;
	struct facts *facts = &reader->space->facts;
	struct thread_stack row = { 0 };
	int r;

	if (keys.n == 0)
		keys_init(&keys, view_threads.record, takers, NULL);
	mem_grow(facts->threads, facts->n_threads, facts->cap_threads);
	facts->threads[facts->n_threads++] = (struct thread){ .control = UNKNOWN };
	row.thread = last_thread(reader);
	r = keys_read(&keys, reader->document, json, reader, &row, err);
	if (r == 0)
		r = check_stack(reader, &row, err);
	if (r < 0)
		return r;
	mem_grow(reader->stacks, reader->n_stacks, reader->cap_stacks);
	reader->stacks[reader->n_stacks++] = (struct saved_stack){
		.range = { row.start, row.end, row.guard },
		.lowest = row.used == UNKNOWN || row.is_used_by_sp ? UNKNOWN : row.end - row.used,
	};
	return 0;
}

void settle_threads(struct target_reader *reader)
{
	struct space *space = reader->space;
	size_t n = space->facts.n_threads;

	if (n == 0)
		return;
	space->judgement.stacks = mem_array(n, sizeof(*space->judgement.stacks));
	space->answers.lowest = mem_array(n, sizeof(*space->answers.lowest));
	for (size_t i = 0; i < n; i++) {
		space->judgement.stacks[i] = reader->stacks[i].range;
		space->answers.lowest[i] = reader->stacks[i].lowest;
	}
}
