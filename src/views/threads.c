/* SPDX-License-Identifier: MIT */
/* One row per thread, with its stack. */
#include "analysis/thread_stacks.h"
#include "views/views.h"

static const struct thread_stack *stack_of(const void *row)
{
	return row;
}

static struct cell get_name(const struct column *column _unused_, const struct row *row)
{
	const struct thread *thread = stack_of(row->data)->thread;

	return (struct cell){ .text = thread->comm, .len = thread->comm_len };
}

static struct cell get_state(const struct column *column _unused_, const struct row *row)
{
	return cell_word(thread_state_name(stack_of(row->data)->thread->state));
}

static struct cell get_size(const struct column *column _unused_, const struct row *row)
{
	const struct thread_stack *stack = row->data;

	return cell_number(stack->start == UNKNOWN ? UNKNOWN : stack->end - stack->start);
}

static struct cell get_by(const struct column *column _unused_, const struct row *row)
{
	return cell_word(stack_used_by(row->data));
}

static const struct column thread_columns[] = {
	{ "TID", CELL_NUMBER, .key = "tid", .field = FIELD_BEHIND(struct thread_stack, thread, tid),
	  .help = "thread" },
	{ "NAME", CELL_NAME, .shrinks = true, .keeps_start = true, .key = "comm", .get = get_name,
	  .help = "its name" },
	{ "STATE", CELL_WORD, .yields = 6, .key = "state", .get = get_state, .help = "what it is doing" },
	{ "STACK-START", CELL_ADDRESS, .yields = 3, .key = "stack_start",
	  .field = FIELD(struct thread_stack, start), .help = "first address of its stack, above the guard" },
	{ "STACK-END", CELL_ADDRESS, .yields = 9, .key = "stack_end",
	  .field = FIELD(struct thread_stack, end), .help = "address after the last one" },
	{ "SIZE", CELL_SIZE, .yields = 2, .get = get_size, .help = "bytes from one to the other" },
	{ "SP", CELL_ADDRESS, .yields = 7, .key = "sp",
	  .field = FIELD_BEHIND(struct thread_stack, thread, sp),
	  .help = "stack pointer; a running thread's cannot be read" },
	{ "USED", CELL_SIZE, .key = "used", .field = FIELD(struct thread_stack, used),
	  .help = "bytes of the stack in use" },
	{ "BY", CELL_WORD, .yields = 8, .key = "used_by", .get = get_by,
	  .help = "how USED is known: sp, above the stack pointer; pages, ever touched; elsewhere: unknown, as SP is not in it" },
	{ "FREE", CELL_SIZE, .yields = 5, .field = FIELD(struct thread_stack, free),
	  .help = "bytes that are left" },
	{ "GUARD", CELL_SIZE, .yields = 4, .key = "guard", .field = FIELD(struct thread_stack, guard),
	  .help = "bytes below the stack that protect it" },
	TARGET_COLUMNS,
	{ 0 },
};

static const struct record thread_record = {
	thread_columns,
	"tid,comm,state,sp,stack_start,stack_end,used,used_by,guard",
};

static void collect(const struct view *view, struct rows *rows)
{
	struct thread_stack *stacks = find_stacks(view_space(view));

	rows_set(rows, stacks, sizeof(*stacks), view_space(view)->facts.n_threads, stacks);
	rows->is_unknown = view_lacks(view, JSON_THREADS);
}

const struct view_info view_threads = {
	.option = "--threads",
	.columns = thread_columns,
	.usual = "TID,NAME,STATE,STACK-START,STACK-END,SIZE,SP,USED,BY,FREE,GUARD",
	.identity = "TID",
	.needs = NEED_THREADS | NEED_ARENA_USERS | NEED_LIMITS,
	.not_regions = true,
	.collect = collect,
	.record = &thread_record,
	.array = "threads",
};
