/* SPDX-License-Identifier: MIT */
#include "render_table.h"

#include "explain.h"
#include "render_summary.h"

static const void *region_row(const void *context, size_t i)
{
	const struct view *view = context;

	return &view->as->regions[view->rows[i]];
}

static char *region_remark(const void *context, size_t i)
{
	const struct view *view = context;

	return explain(view->as, region_row(context, i));
}

/*
 * Raw and heading-less output is for scripts: rows, and nothing that is not one.
 */
void render_table(struct out *out, const struct view *view, const struct column *const *columns,
		  size_t n_columns, const struct table_style *style, bool explained)
{
	bool for_people = !style->raw && !style->no_headings;
	struct table table = {
		.as = view->as,
		.columns = columns,
		.n_columns = n_columns,
		.context = view,
		.n_rows = view->n_rows,
		.row = region_row,
		.remark = explained ? region_remark : NULL,
	};

	if (for_people)
		render_process(out, view->as, style);
	table_print(out, &table, style);
	if (for_people) {
		out_char(out, '\n');
		render_totals(out, view, columns, n_columns, style);
	}
}
