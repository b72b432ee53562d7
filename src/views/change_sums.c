/* SPDX-License-Identifier: MIT */
#include "views/change_sums.h"

#include <stdlib.h>

#include "base/mem.h"
#include "output/render_json_rows.h"
#include "views/change_row.h"

/* The columns of the sum of a kind. */
static const struct column kind_columns[] = {
	{ "KIND", CELL_WORD, .key = "kind", .get = change_get_kind },
	{ "OLD_SIZE", CELL_SIZE, .key = "old_size",
	  .field = FIELD(struct change_row, parts[OLD_SPACE].size) },
	{ "NEW_SIZE", CELL_SIZE, .key = "new_size",
	  .field = FIELD(struct change_row, parts[NEW_SPACE].size) },
	{ "SIZE_CHANGE", CELL_CHANGE, .key = "size_change", .get = change_get_size },
	{ NULL, CELL_NUMBER, .key = "old_regions", .field = FIELD(struct change_row, parts[OLD_SPACE].n) },
	{ NULL, CELL_NUMBER, .key = "new_regions", .field = FIELD(struct change_row, parts[NEW_SPACE].n) },
	{ .key = "counters", .put = change_put_counters },
	{ 0 },
};

static const struct record kind_record = {
	kind_columns,
	"kind,old_regions,new_regions,old_size,new_size,size_change",
};

static size_t n_slots(const struct view *view, size_t side)
{
	return view->spaces[side]->facts.usage.n_slots;
}

static void add_part(struct part *sum, const struct part *part, uint64_t *usage, size_t n)
{
	sum->n += part->n;
	sum->size += part->size;
	sum->usage = usage;
	if (part->usage)
		view_add_usage(usage, part->usage, n);
}

/* Sums one side of all pairs, even unchanged ones, so that old plus change gives new. `usage`: by kind. */
static void add_pairs(const struct view *view, size_t side, struct change_row *sums, uint64_t *usage)
{
	size_t n = n_slots(view, side);

	for (size_t i = 0; i < (N_KINDS + 1) * n; i++)
		usage[i] = UNKNOWN;
	for (const struct change_row *row = view->rows.array; row->kind != N_KINDS; row++) {
		add_part(&sums[row->kind].parts[side], &row->parts[side], usage + row->kind * n, n);
		add_part(&sums[N_KINDS].parts[side], &row->parts[side], usage + N_KINDS * n, n);
	}
}

/* A row for each kind that either side has, and one for all. */
static void collect_kinds(const struct view *view, struct rows *rows)
{
	size_t n_new = (N_KINDS + 1) * n_slots(view, NEW_SPACE);
	size_t n_old = (N_KINDS + 1) * n_slots(view, OLD_SPACE);
	/* One allocation, so that the rows can own it: the values follow. */
	struct change_row *sums =
		mem_alloc((N_KINDS + 1) * sizeof(*sums) + (n_new + n_old) * sizeof(uint64_t));
	uint64_t *values = (uint64_t *)(sums + N_KINDS + 1);
	size_t n = 0;

	add_pairs(view, NEW_SPACE, sums, values);
	add_pairs(view, OLD_SPACE, sums, values + n_new);
	for (size_t k = 0; k <= N_KINDS; k++) {
		sums[k].kind = (uint8_t)k;
		if (k == N_KINDS || sums[k].parts[NEW_SPACE].n > 0 || sums[k].parts[OLD_SPACE].n > 0)
			sums[n++] = sums[k];
	}
	rows_set(rows, sums, sizeof(*sums), n, sums);
	rows->n_sums = 1;
}

#define N_FIRST 4 /* columns that each sum has */

void change_put_footer(struct out *out, const struct view *view, const struct layout *layout _unused_)
{
	if (!view->rows.is_unknown && view->rows.n == view->rows.n_sums)
		out_str(out, "No difference.\n");
}

void change_put_sums(struct out *out, const struct view *view, const struct layout *layout)
{
	_cleanup_(rows_done) struct rows rows = { .view = view };
	_cleanup_free_ const struct column **columns =
		mem_array(layout->n_columns + N_FIRST, sizeof(*columns));
	struct table table = { .rows = &rows, .columns = columns };

	if (view->rows.is_unknown)
		return;
	change_put_footer(out, view, layout);
	out_char(out, '\n');
	collect_kinds(view, &rows);
	while (table.n_columns < N_FIRST) {
		columns[table.n_columns] = &kind_columns[table.n_columns];
		table.n_columns++;
	}
	for (size_t i = 0; i < layout->n_columns; i++)
		if (layout->columns[i]->needs & NEED_COUNTER)
			columns[table.n_columns++] = layout->columns[i];
	table.n_yielding = layout->n_yielding > 0 ? table.n_columns : 0;
	table_print(out, &table, layout->style);
}

void change_put_json_sums(struct json *json, const struct view *view)
{
	_cleanup_(rows_done) struct rows rows = { .view = view, .is_unknown = view->rows.is_unknown };

	if (!rows.is_unknown)
		collect_kinds(view, &rows);
	render_json_rows(json, "kinds", &kind_record, &rows);
}
