/* SPDX-License-Identifier: MIT */
#include "render_table.h"

#include <stdlib.h>

#include "text.h"

static const void *region_row(const void *context, size_t i)
{
	const struct view *view = context;

	return &view->as->regions[view->rows[i]];
}

static const char *region_colour(const void *row)
{
	return kinds[((const struct region *)row)->kind].colour;
}

/* ---- totals ---- */

static struct cell get_total_kind(const struct addrspace *as _unused_, const void *row)
{
	const struct total *total = row;
	const char *name = total->kind == N_KINDS ? "TOTAL" : kinds[total->kind].name;

	return (struct cell){ .text = name, .len = strlen(name), .is_plain = true };
}

static struct cell get_total_regions(const struct addrspace *as _unused_, const void *row)
{
	return (struct cell){ .number = ((const struct total *)row)->regions };
}

static struct cell get_total_size(const struct addrspace *as _unused_, const void *row)
{
	return (struct cell){ .number = ((const struct total *)row)->size };
}

static const struct column total_columns[] = {
	{ "KIND", CELL_WORD, .get = get_total_kind },
	{ "REGIONS", CELL_NUMBER, .get = get_total_regions },
	{ "SIZE", CELL_SIZE, .get = get_total_size },
};

static const void *total_row(const void *context, size_t i)
{
	return ((const struct total *const *)context)[i];
}

static const char *total_colour(const void *row)
{
	const struct total *total = row;

	return total->kind == N_KINDS ? NULL : kinds[total->kind].colour;
}

/* Kinds that are there, in the order of the kinds, then the sum. */
static void put_totals(struct out *out, const struct view *view, const struct table_style *style)
{
	const struct column *columns[ARRAY_SIZE(total_columns)];
	const struct total *rows[N_KINDS + 1];
	struct table table = {
		.as = view->as,
		.columns = columns,
		.n_columns = ARRAY_SIZE(columns),
		.context = rows,
		.row = total_row,
		.colour = total_colour,
	};

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		columns[i] = &total_columns[i];
	for (size_t i = 0; i <= N_KINDS; i++)
		if (i == N_KINDS || view->totals[i].regions > 0)
			rows[table.n_rows++] = &view->totals[i];
	table_print(out, &table, style);
}

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

static void put_process(struct out *out, const struct addrspace *as, const struct table_style *style)
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

/*
 * Raw and heading-less output is for scripts: rows, and nothing that is not one.
 */
void render_table(struct out *out, const struct view *view, const struct column *const *columns,
		  size_t n_columns, const struct table_style *style)
{
	bool for_people = !style->raw && !style->no_headings;
	struct table table = {
		.as = view->as,
		.columns = columns,
		.n_columns = n_columns,
		.context = view,
		.n_rows = view->n_rows,
		.row = region_row,
		.colour = region_colour,
	};

	if (for_people)
		put_process(out, view->as, style);
	table_print(out, &table, style);
	if (for_people) {
		out_char(out, '\n');
		put_totals(out, view, style);
	}
}
