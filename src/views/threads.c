/* SPDX-License-Identifier: MIT */
/* A row a thread, with its stack. */
#include "analysis/thread_stacks.h"
#include "views/views.h"

static const struct thread_stack *stack_of(const void *row)
{
	return row;
}

static struct cell get_tid(const struct column *column _unused_, const struct space *space _unused_,
			   const void *row)
{
	return cell_number((uint64_t)stack_of(row)->thread->tid);
}

static struct cell get_name(const struct column *column _unused_, const struct space *space _unused_,
			    const void *row)
{
	const struct thread *thread = stack_of(row)->thread;

	return (struct cell){ .text = thread->comm, .len = thread->comm_len };
}

static struct cell get_state(const struct column *column _unused_, const struct space *space _unused_,
			     const void *row)
{
	return cell_word(thread_state_name(stack_of(row)->thread->state));
}

static struct cell get_start(const struct column *column _unused_, const struct space *space _unused_,
			     const void *row)
{
	return cell_number(stack_of(row)->start);
}

static struct cell get_end(const struct column *column _unused_, const struct space *space _unused_,
			   const void *row)
{
	return cell_number(stack_of(row)->end);
}

static struct cell get_size(const struct column *column _unused_, const struct space *space _unused_,
			    const void *row)
{
	const struct thread_stack *stack = row;

	return cell_number(stack->start == UNKNOWN ? UNKNOWN : stack->end - stack->start);
}

static struct cell get_sp(const struct column *column _unused_, const struct space *space _unused_,
			  const void *row)
{
	return cell_number(stack_of(row)->thread->sp);
}

static struct cell get_used(const struct column *column _unused_, const struct space *space _unused_,
			    const void *row)
{
	return cell_number(stack_of(row)->used);
}

static struct cell get_by(const struct column *column _unused_, const struct space *space _unused_,
			  const void *row)
{
	return cell_word(stack_used_by(row));
}

static struct cell get_free(const struct column *column _unused_, const struct space *space _unused_,
			    const void *row)
{
	return cell_number(stack_of(row)->free);
}

static struct cell get_guard(const struct column *column _unused_, const struct space *space _unused_,
			     const void *row)
{
	return cell_number(stack_of(row)->guard);
}

static const struct column thread_columns[] = {
	{ "TID", CELL_NUMBER, .get = get_tid, .help = "thread" },
	{ "NAME", CELL_NAME, .get = get_name, .help = "its name" },
	{ "STATE", CELL_WORD, .get = get_state, .help = "what it does at this moment" },
	{ "STACK-START", CELL_ADDRESS, .get = get_start,
	  .help = "first address of its stack, above the guard" },
	{ "STACK-END", CELL_ADDRESS, .get = get_end, .help = "address after the last one" },
	{ "SIZE", CELL_SIZE, .get = get_size, .help = "bytes from one to the other" },
	{ "SP", CELL_ADDRESS, .get = get_sp, .help = "stack pointer; a running thread's cannot be read" },
	{ "USED", CELL_SIZE, .get = get_used, .help = "bytes of the stack in use" },
	{ "BY", CELL_WORD, .get = get_by,
	  .help = "how USED is known: sp, above the stack pointer; pages, ever touched" },
	{ "FREE", CELL_SIZE, .get = get_free, .help = "bytes that are left" },
	{ "GUARD", CELL_SIZE, .get = get_guard, .help = "bytes below the stack that protect it" },
	{ 0 },
};

static void collect(struct view *view)
{
	struct thread_stack *stacks = find_stacks(view->space);

	view_set_rows(view, stacks, sizeof(*stacks), view->space->facts.n_threads, stacks);
}

const struct view_info view_threads = {
	.option = "--threads",
	.columns = thread_columns,
	.usual = "TID,NAME,STATE,STACK-START,STACK-END,SIZE,SP,USED,BY,FREE,GUARD",
	.needs = NEED_THREADS | NEED_ARENA_USERS | NEED_LIMITS,
	.is_apart = true,
	.collect = collect,
};
