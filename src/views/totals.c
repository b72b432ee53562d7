/* SPDX-License-Identifier: MIT */
#include "views/totals.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void put_counter_sums(struct json *json, const char *key, const struct usage *usage, const uint64_t *values)
{
	if (usage->is_missing)
		json_null(json, key);
	if (usage->n_slots == 0)
		return;
	json_open_object(json, key, true);
	for (enum counter f = 0; f < N_COUNTERS; f++)
		if (counters[f].name && counters[f].share != SHARE_PROPERTY && usage_has(usage, f))
			json_number(json, counters[f].name, usage_counter(usage, values, f));
	json_close_object(json);
}

static struct cell get_kind(const struct column *column _unused_, const struct row *row)
{
	enum kind kind = ((const struct total *)row->data)->kind;

	return kind == N_KINDS ? cell_word("TOTAL") : cell_kind(kind);
}

static struct cell get_name(const struct column *column _unused_, const struct row *row)
{
	return cell_name(((const struct total *)row->data)->object);
}

static struct cell get_counter(const struct column *column, const struct row *row)
{
	return cell_number(usage_counter(&row->space->facts.usage, ((const struct total *)row->data)->usage,
					 column->counter));
}

static void put_usage(struct json *json, const struct column *column, const struct row *row)
{
	put_counter_sums(json, column->key, &row->space->facts.usage,
			 ((const struct total *)row->data)->usage);
}

const struct column total_columns[] = {
	{ "KIND", CELL_WORD, .get = get_kind, .help = "what it is: see the kinds" },
	{ "REGIONS", CELL_NUMBER, .yields = 9, .key = "regions", .field = FIELD(struct total, regions),
	  .help = "how many there are" },
	{ "SIZE", CELL_SIZE, .key = "size", .field = FIELD(struct total, size), .help = "bytes of them all" },
	{ "PADDING", CELL_SIZE, .key = "padding", .field = FIELD(struct total, padding),
	  .help = "bytes of SIZE outside of segments: pages are mapped whole" },
	SUM_COUNTERS(COUNTER_COLUMN),
	TARGET_COLUMNS,
	{ .key = "usage", .put = put_usage },
	{ 0 },
};

const struct record total_record = { total_columns, "regions,size,padding,usage" };

/* The same columns for totals by name. */
static const struct column named_columns[] = {
	{ "NAME", CELL_NAME, .shrinks = true, .key = "name", .get = get_name },
	{ "REGIONS", CELL_NUMBER, .yields = 9, .key = "regions", .field = FIELD(struct total, regions) },
	{ "SIZE", CELL_SIZE, .key = "size", .field = FIELD(struct total, size) },
	{ .key = "usage", .put = put_usage },
	{ 0 },
};

const struct record named_record = { named_columns, "name,regions,size,usage" };

#define N_FIRST 3 /* columns that every total has: kind or name, number of regions, size */

/* The N_FIRST columns, and the counters of the layout. */
static size_t choose_columns(const struct column **columns, const struct column *first,
			     const struct layout *layout)
{
	size_t n = 0;

	while (n < N_FIRST)
		columns[n++] = first++;
	for (size_t i = 0; i < layout->n_columns; i++) {
		const char *name = layout->columns[i]->name;
		const struct column *column = column_find(total_columns, name, strlen(name));

		/* Properties of a mapping cannot be added up, and have no column here. */
		if (column && column->needs & NEED_COUNTER)
			columns[n++] = column;
	}
	return n;
}

static void print(struct out *out, const struct rows *rows, const struct column *first,
		  const struct layout *layout)
{
	_cleanup_free_ const struct column **columns =
		mem_array(layout->n_columns + N_FIRST, sizeof(*columns));
	struct table table = {
		.rows = rows,
		.columns = columns,
		.n_columns = choose_columns(columns, first, layout),
	};

	table.n_yielding = layout->n_yielding > 0 ? table.n_columns : 0;

	table_print(out, &table, layout->style);
}

void collect_totals(const struct view *view, struct rows *rows)
{
	struct total *totals = mem_array(N_KINDS + 1, sizeof(*totals));
	size_t n = 0;

	for (enum kind k = 0; k < N_KINDS; k++)
		if (view->totals[k].regions > 0)
			totals[n++] = view->totals[k];
	totals[n++] = view->totals[N_KINDS];
	rows_set(rows, totals, sizeof(*totals), n, totals);
	rows->n_sums = 1;
}

void collect_named(const struct view *view, struct rows *rows)
{
	rows_set(rows, view->named, sizeof(*view->named), view->n_named, NULL);
}

void render_totals(struct out *out, const struct view *view, const struct layout *layout)
{
	_cleanup_(rows_done) struct rows rows = { .view = view };

	collect_totals(view, &rows);
	print(out, &rows, total_columns, layout);
}

void render_named_totals(struct out *out, const struct view *view, const struct layout *layout)
{
	struct rows rows = { .view = view };

	collect_named(view, &rows);
	print(out, &rows, named_columns, layout);
}
