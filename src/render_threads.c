/* SPDX-License-Identifier: MIT */
#include "render_threads.h"

#include <stdlib.h>

#include "mem.h"
#include "render_summary.h"
#include "stacks.h"
#include "text.h"

static const struct column thread_columns[] = {
	{ "TID", CELL_NUMBER },		 { "NAME", CELL_NAME },		{ "STATE", CELL_WORD },
	{ "STACK-START", CELL_ADDRESS }, { "STACK-END", CELL_ADDRESS }, { "SIZE", CELL_SIZE },
	{ "SP", CELL_ADDRESS },		 { "USED", CELL_SIZE },		{ "BY", CELL_WORD },
	{ "FREE", CELL_SIZE },		 { "GUARD", CELL_SIZE },
};

#define N_THREAD_COLUMNS ARRAY_SIZE(thread_columns)

static void fill_row(struct cell *cells, const struct thread_stack *stack)
{
	const struct thread *thread = stack->thread;
	const char *by = stack->is_used_by_sp ? "sp" : "pages";

	cells[0] = cell_number((uint64_t)thread->tid);
	cells[1] = (struct cell){ .text = thread->comm, .len = thread->comm_len };
	cells[2] = cell_word(thread_state_name(thread->state));
	cells[3] = cell_number(stack->start);
	cells[4] = cell_number(stack->end);
	cells[5] = cell_number(stack->start == UNKNOWN ? UNKNOWN : stack->end - stack->start);
	cells[6] = cell_number(thread->sp);
	cells[7] = cell_number(stack->used);
	cells[8] = cell_word(stack->used == UNKNOWN ? NULL : by);
	cells[9] = cell_number(stack->free);
	cells[10] = cell_number(stack->guard);
}

void render_threads(struct out *out, const struct view *view, const struct table_style *style)
{
	const struct addrspace *as = view->as;
	_cleanup_free_ struct thread_stack *stacks = find_stacks(as);
	_cleanup_free_ struct cell *cells =
		mem_realloc(NULL, as->n_threads * N_THREAD_COLUMNS, sizeof(*cells));
	const struct column *columns[N_THREAD_COLUMNS];

	for (size_t i = 0; i < N_THREAD_COLUMNS; i++)
		columns[i] = &thread_columns[i];
	for (size_t i = 0; i < as->n_threads; i++)
		fill_row(cells + i * N_THREAD_COLUMNS, &stacks[i]);
	if (!style->raw && !style->no_headings)
		render_process(out, as, style);
	table_print(out,
		    &(struct table){
			    .as = as,
			    .columns = columns,
			    .n_columns = N_THREAD_COLUMNS,
			    .n_rows = as->n_threads,
			    .cells = cells,
		    },
		    style);
}
