/* SPDX-License-Identifier: MIT */
#include "render_summary.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "text.h"

/* ---- the line on the process ---- */

static void put_figure(struct out *out, uint64_t bytes, const char *what, const struct table_style *style)
{
	out_str(out, ", ");
	table_put_size(out, bytes, style);
	out_char(out, ' ');
	out_str(out, what);
}

static void put_escaped(struct out *out, const char *text, size_t len)
{
	_cleanup_free_ char *safe = text_escape(text ? text : "-", text ? len : 1, TEXT_TABLE);

	out_str(out, safe);
}

void render_process(struct out *out, const struct addrspace *as, const struct table_style *style)
{
	const struct process *process = &as->process;

	out_dec(out, (uint64_t)process->pid);
	out_str(out, ": ");
	put_escaped(out, process->comm, process->comm_len);
	out_str(out, " (");
	put_escaped(out, process->user, process->user ? strlen(process->user) : 0);
	out_str(out, "), ");
	out_dec(out, as->n_mappings);
	out_str(out, as->n_mappings == 1 ? " mapping" : " mappings");
	put_figure(out, process->virtual, "virtual", style);
	put_figure(out, process->resident, "resident", style);
	put_figure(out, process->swapped, "swapped", style);
	out_char(out, '\n');
}

/* ---- totals ---- */

static const struct column total_columns[] = {
	{ "KIND", CELL_WORD },
	{ "REGIONS", CELL_NUMBER },
	{ "SIZE", CELL_SIZE },
};
static const struct column named_columns[] = {
	{ "NAME", CELL_NAME },
	{ "REGIONS", CELL_NUMBER },
	{ "SIZE", CELL_SIZE },
};

#define N_TOTAL_COLUMNS ARRAY_SIZE(total_columns)

/* A table of totals in the making: three columns, and the figures among those that are shown. */
struct totals {
	const struct view *view;
	const struct column **columns;
	size_t n_columns;
	struct cell *cells;
	size_t n_rows;
};

static void init_totals(struct totals *totals, const struct view *view, const struct column *first,
			const struct column *const *columns, size_t n_columns, size_t max_rows)
{
	*totals = (struct totals){ .view = view };
	totals->columns = mem_realloc(NULL, N_TOTAL_COLUMNS + n_columns, sizeof(*totals->columns));
	for (size_t i = 0; i < N_TOTAL_COLUMNS; i++)
		totals->columns[totals->n_columns++] = &first[i];
	/* What is the same for all pages of a mapping cannot be added up. */
	for (size_t i = 0; i < n_columns; i++)
		if ((columns[i]->needs & NEED_FIGURE) && figures[columns[i]->figure].share != SHARE_PROPERTY)
			totals->columns[totals->n_columns++] = columns[i];
	totals->cells = mem_realloc(NULL, totals->n_columns * max_rows, sizeof(*totals->cells));
}

static void add_row(struct totals *totals, struct cell first, uint64_t regions, uint64_t size,
		    const uint64_t *usage)
{
	struct cell *cells = totals->cells + totals->n_rows++ * totals->n_columns;

	cells[0] = first;
	cells[1] = cell_number(regions);
	cells[2] = cell_number(size);
	for (size_t i = N_TOTAL_COLUMNS; i < totals->n_columns; i++)
		cells[i] = cell_number(
			usage_figure(&totals->view->as->usage, usage, totals->columns[i]->figure));
}

static void print_totals(struct totals *totals, struct out *out, const struct table_style *style)
{
	table_print(out,
		    &(struct table){
			    .as = totals->view->as,
			    .columns = totals->columns,
			    .n_columns = totals->n_columns,
			    .n_rows = totals->n_rows,
			    .cells = totals->cells,
		    },
		    style);
	free(totals->columns);
	free(totals->cells);
}

void render_totals(struct out *out, const struct view *view, const struct column *const *columns,
		   size_t n_columns, const struct table_style *style)
{
	const struct total *sum = &view->totals[N_KINDS];
	struct totals totals;

	init_totals(&totals, view, total_columns, columns, n_columns, N_KINDS + 1);
	for (enum kind k = 0; k < N_KINDS; k++) {
		const struct total *total = &view->totals[k];

		if (total->regions > 0)
			add_row(&totals, cell_kind(k), total->regions, total->size, total->usage);
	}
	add_row(&totals, cell_word("TOTAL"), sum->regions, sum->size, sum->usage);
	print_totals(&totals, out, style);
}

/* Names that allocators, runtimes and programs have given to their memory. */
static void put_named(struct out *out, const struct view *view, const struct column *const *columns,
		      size_t n_columns, const struct table_style *style)
{
	struct totals totals;

	init_totals(&totals, view, named_columns, columns, n_columns, view->n_named);
	for (size_t i = 0; i < view->n_named; i++) {
		const struct named_total *named = &view->named[i];

		add_row(&totals, cell_name(named->object), named->regions, named->size, named->usage);
	}
	out_char(out, '\n');
	print_totals(&totals, out, style);
}

/* ---- what the process costs, and what it may come up against ---- */

static void put_costs(struct out *out, const struct addrspace *as, const struct table_style *style)
{
	static const struct column what = { "MEMORY", CELL_WORD };
	static const struct column bytes = { "SIZE", CELL_SIZE };
	static const struct column *const columns[] = { &what, &bytes };
	const struct process *process = &as->process;
	uint64_t reserved = addrspace_reserved(as);
	const struct cell cells[][ARRAY_SIZE(columns)] = {
		{ cell_word("reserved, without access"), cell_number(reserved) },
		{ cell_word("committed, may be used"), cell_number(addrspace_size(as) - reserved) },
		{ cell_word("resident"), cell_number(process->resident) },
		{ cell_word("swapped"), cell_number(process->swapped) },
		{ cell_word("page tables, in the kernel"), cell_number(process->page_tables) },
		{ cell_word("thread stacks, in the kernel"), cell_number(process->kernel_stacks) },
	};

	table_print(out,
		    &(struct table){
			    .as = as,
			    .columns = columns,
			    .n_columns = ARRAY_SIZE(columns),
			    .n_rows = ARRAY_SIZE(cells),
			    .cells = &cells[0][0],
		    },
		    style);
}

static struct cell percentage(uint64_t used, uint64_t max)
{
	if (used == UNKNOWN || max == UNKNOWN || max == 0)
		return cell_number(UNKNOWN);
	/* Both may be large: dividing first keeps the product in range. */
	return cell_number(max >= 10000 ? used / (max / 100) : used * 100 / max);
}

static void put_limits(struct out *out, const struct addrspace *as, const struct table_style *style)
{
	static const struct column what = { "LIMIT", CELL_WORD };
	static const struct column used = { "USED", CELL_SIZE };
	static const struct column max = { "MAX", CELL_SIZE };
	static const struct column percent = { "PERCENT", CELL_NUMBER };
	static const struct column *const columns[] = { &what, &used, &max, &percent };
	struct cell cells[N_LIMITS][ARRAY_SIZE(columns)];

	for (enum limit_id i = 0; i < N_LIMITS; i++) {
		uint64_t of_it = addrspace_use(as, i);
		uint64_t limit = as->process.limits[i].max;

		cells[i][0] = cell_word(limit_names[i].text);
		cells[i][1] = cell_number(of_it);
		cells[i][2] = cell_number(limit);
		cells[i][3] = percentage(of_it, limit);
		cells[i][1].is_count = cells[i][2].is_count = i == LIMIT_MAPPINGS;
		if (as->process.limits[i].is_unlimited) {
			cells[i][2] = cell_word("unlimited");
			cells[i][2].is_word = true;
		}
	}
	table_print(out,
		    &(struct table){
			    .as = as,
			    .columns = columns,
			    .n_columns = ARRAY_SIZE(columns),
			    .n_rows = N_LIMITS,
			    .cells = &cells[0][0],
		    },
		    style);
}

void render_summary(struct out *out, const struct view *view, const struct column *const *columns,
		    size_t n_columns, const struct table_style *style)
{
	bool for_people = !style->raw && !style->no_headings;

	if (for_people)
		render_process(out, view->as, style);
	render_totals(out, view, columns, n_columns, style);
	if (!for_people)
		return;
	if (view->n_named > 0)
		put_named(out, view, columns, n_columns, style);
	out_char(out, '\n');
	put_costs(out, view->as, style);
	out_char(out, '\n');
	put_limits(out, view->as, style);
}
