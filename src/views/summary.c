/* SPDX-License-Identifier: MIT */
/* An address space in short: one row per kind, what the process costs, and how near it is to its limits. */
#include "views/totals.h"

/* ---- what the process costs, and its limits ---- */

static void put_costs(struct out *out, const struct space *space, const struct table_style *style)
{
	static const struct column what = { "MEMORY", CELL_WORD };
	static const struct column bytes = { "SIZE", CELL_SIZE };
	static const struct column *const columns[] = { &what, &bytes };
	const struct process *process = &space->facts.process;
	const struct cell cells[][ARRAY_SIZE(columns)] = {
		{ cell_word("reserved, without access"), cell_number(facts_reserved(&space->facts)) },
		{ cell_word("committed, may be used"), cell_number(facts_committed(&space->facts)) },
		{ cell_word("resident"), cell_number(process->resident) },
		{ cell_word("swapped"), cell_number(process->swapped) },
		{ cell_word("page tables, in the kernel"), cell_number(process->page_tables) },
		{ cell_word("thread stacks, in the kernel"), cell_number(process->kernel_stacks) },
	};

	table_print(out,
		    &(struct table){
			    .columns = columns,
			    .n_columns = ARRAY_SIZE(columns),
			    .n_rows = ARRAY_SIZE(cells),
			    .cells = &cells[0][0],
		    },
		    style);
}

static void put_limits(struct out *out, const struct space *space, const struct table_style *style)
{
	static const struct column what = { "LIMIT", CELL_WORD, .shrinks = true, .keeps_start = true };
	static const struct column used = { "USED", CELL_SIZE };
	static const struct column max = { "MAX", CELL_SIZE };
	static const struct column percent = { "PERCENT", CELL_NUMBER };
	static const struct column *const columns[] = { &what, &used, &max, &percent };
	struct cell cells[N_LIMITS][ARRAY_SIZE(columns)];

	for (enum limit_id i = 0; i < N_LIMITS; i++) {
		uint64_t of_it = space_used(space, i);
		uint64_t limit = space->facts.process.limits[i].max;

		cells[i][0] = cell_word(limit_names[i].text);
		cells[i][1] = cell_number(of_it);
		cells[i][2] = cell_number(limit);
		cells[i][3] = cell_number(cell_percent(of_it, limit));
		cells[i][1].is_count = cells[i][2].is_count = i == LIMIT_MAPPINGS;
		if (space->facts.process.limits[i].is_unlimited) {
			cells[i][2] = cell_word("unlimited");
			cells[i][2].is_word = true;
		}
	}
	table_print(out,
		    &(struct table){
			    .columns = columns,
			    .n_columns = ARRAY_SIZE(columns),
			    .n_rows = N_LIMITS,
			    .cells = &cells[0][0],
		    },
		    style);
}

static void put_footer(struct out *out, const struct view *view, const struct layout *layout)
{
	if (view->n_named > 0) {
		out_char(out, '\n');
		render_named_totals(out, view, layout);
	}
	if (view_space(view)->facts.origin != ORIGIN_PROCESS)
		return;
	out_char(out, '\n');
	put_costs(out, view_space(view), layout->style);
	out_char(out, '\n');
	put_limits(out, view_space(view), layout->style);
}

const struct view_info view_summary = {
	.option = "--summary",
	.columns = total_columns,
	.usual = "KIND,REGIONS,SIZE",
	.identity = "KIND",
	.extended = "KIND,REGIONS,SIZE,RSS,PSS,DIRTY,SWAP",
	.every = "KIND,REGIONS,SIZE," ALL_COUNTERS,
	.needs = NEED_LIMITS | NEED_TOTALS | NEED_CORE_SIZE,
	.collect = collect_totals,
	.put_footer = put_footer,
	.json_parts = JSON_TOTALS,
};
