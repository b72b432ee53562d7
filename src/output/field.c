/* SPDX-License-Identifier: MIT */
#include "output/field.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define SHRUNK_MIN 12 /* a column shrinks no further, unless its `least` says so */

static void link_ranges(struct fields *fields)
{
	for (size_t i = 0; i + 1 < fields->n; i++) {
		struct field *field = &fields->items[i];

		field->ends = field->type == CELL_ADDRESS && field[1].type == CELL_ADDRESS ? field + 1 : NULL;
	}
}

void fields_init(struct fields *fields, const struct table *table, const struct table_style *style)
{
	*fields = (struct fields){
		.items = mem_alloc(table->n_columns * sizeof(*fields->items)),
		.n = table->n_columns,
		.fit = true,
	};
	for (size_t i = 0; i < table->n_columns; i++) {
		const struct column *column = table->columns[i];
		enum cell_type type = column->type;

		fields->items[i] = (struct field){
			.column = column,
			.index = i,
			.type = type,
			.is_text = cell_is_text(type),
			.is_signed = type == CELL_CHANGE,
			.is_plain = cell_is_text(type) && !style->raw && !style->colour &&
				    !(column->shrinks && style->width > 0),
			.grows = type == CELL_ADDRESS || type == CELL_OFFSET || type == CELL_NUMBER ||
				 (type == CELL_SIZE && style->bytes),
			.largest = UNKNOWN,
			.last = UNKNOWN,
			.shown = UNKNOWN,
		};
	}
	link_ranges(fields);
}

void fields_done(struct fields *fields)
{
	free(fields->items);
}

/* ---- widths of cells ---- */

/* In the upper half of 64 bits: on most machines, a process has only the vsyscall page there. */
static bool is_far(const struct field *field, const struct cell *cell)
{
	return field->type == CELL_ADDRESS && cell->number >> 63 && cell->number != UNKNOWN;
}

static void measure_number(struct field *field, const struct cell *cell)
{
	if (is_far(field, cell)) {
		field->n_far++;
		field->largest_far = MAX(field->largest_far, cell->number);
	} else if (cell->number + 1 > field->largest + 1) { /* UNKNOWN + 1 is 0 */
		field->largest = cell->number;
	}
}

static void measure_cell(struct field *field, const struct cell *cell, const struct table_style *style)
{
	if (cell->is_plain) {
		field->width = MAX(field->width, cell->len);
	} else if (field->grows && !cell->is_count && !cell->is_word) {
		measure_number(field, cell);
	} else if (field->is_text || cell->number != field->last) {
		/* Neighbouring cells are often alike. */
		field->last = cell->number;
		field->width = MAX(field->width, cell_width(field->type, cell, style));
	}
}

/*
 * Nearly every cell is plain text, or has the size of the row above. It is examined where the getter left it:
 * loading a struct in wide moves right after storing it in narrow ones stalls the processor.
 */
static inline void measure_made(struct field *field, const struct row *row, const struct table_style *style)
{
	struct cell cell = field->column->get(field->column, row);

	if (cell.is_plain) {
		field->width = MAX(field->width, cell.len);
	} else if (field->grows || field->is_text || cell.number != field->last) {
		/* Only a copy has its address taken: the cell itself can stay in registers. */
		struct cell copy = cell;

		measure_cell(field, &copy, style);
	}
}

/* The first row to measure: the rows from there on have the widest cell. */
static size_t first_to_measure(const struct table *table, const struct field *field)
{
	size_t n_rows = table_n_rows(table);
	struct row row;
	struct cell cell;

	if (!table->rows || table->rows->order || !field->column->last_is_widest || n_rows < 2)
		return 0;
	row = table_row(table, n_rows - 1);
	cell = table_cell(table, &row, field);
	return n_rows - (is_far(field, &cell) ? 2 : 1);
}

static void measure_column(const struct table *table, struct field *field, const struct table_style *style)
{
	bool is_in_order = table->rows && !table->rows->order;
	size_t n_rows = table_n_rows(table);
	size_t first = first_to_measure(table, field);
	struct row row;

	for (size_t i = first; i < n_rows; i++) {
		struct cell cell;

		/* Looking up each row would take longer than measuring its cell. */
		if (i > first && is_in_order && !table->rows->spaces)
			row.data = (const char *)row.data + table->rows->row_size;
		else
			row = table_row(table, i);
		if (table->rows && field->column->get) {
			measure_made(field, &row, style);
			continue;
		}
		cell = table_cell(table, &row, field);
		measure_cell(field, &cell, style);
	}
}

/* Outside a terminal. No path is longer; one cell of megabytes would make every row as long. */
#define WIDTH_MAX 4096

/* A single address far above all others does not widen the column: its cell sticks out. */
static void settle_width(struct field *field, const struct table_style *style)
{
	struct cell largest = { .number = field->largest };

	if (field->n_far > 1 || (field->n_far == 1 && field->largest == UNKNOWN))
		largest.number = field->largest_far;
	if (field->grows)
		field->width = MAX(field->width, cell_width(field->type, &largest, style));
	if (style->width == 0)
		field->width =
			MIN(field->width, field->column->most ? (size_t)field->column->most : WIDTH_MAX);
	field->width = MAX(field->width, strlen(field->column->name));
}

/* ---- fitting the terminal ---- */

static size_t least_width(const struct field *field)
{
	size_t least = field->column->least ? field->column->least : SHRUNK_MIN;

	return field->column->shrinks ? MIN(field->width, least) : field->width;
}

static size_t total_width(const struct fields *fields, size_t (*width)(const struct field *))
{
	size_t total = fields->n - 1; /* a blank between two columns */

	for (size_t i = 0; i < fields->n; i++)
		total += width(&fields->items[i]);
	return total;
}

static size_t full_width(const struct field *field)
{
	return field->width;
}

/* The column that will be missed least, the last one of equals; fields->n: none may be dropped. */
static size_t find_least_useful(const struct fields *fields, size_t n_yielding)
{
	size_t found = fields->n;

	for (size_t i = 0; i < fields->n; i++) {
		const struct field *field = &fields->items[i];

		if (field->index < n_yielding && field->column->yields > 0 &&
		    (found == fields->n || field->column->yields >= fields->items[found].column->yields))
			found = i;
	}
	return found;
}

static void drop_columns(struct fields *fields, size_t n_yielding, size_t width)
{
	while (total_width(fields, least_width) > width) {
		size_t i = find_least_useful(fields, n_yielding);

		if (i == fields->n)
			return;
		fields->n--;
		memmove(&fields->items[i], &fields->items[i + 1], (fields->n - i) * sizeof(*fields->items));
	}
}

/* The last column shrinks first. */
static void shrink(struct fields *fields, size_t width)
{
	size_t total = total_width(fields, full_width);
	size_t excess = total > width ? total - width : 0;

	for (size_t i = fields->n; i-- > 0;) {
		struct field *field = &fields->items[i];
		size_t part = MIN(excess, field->width - least_width(field));

		field->width -= part;
		excess -= part;
	}
	fields->fit = excess == 0;
}

static void place(struct fields *fields)
{
	size_t start = 0;

	for (size_t i = 0; i < fields->n; i++) {
		struct field *field = &fields->items[i];

		field->start = start;
		start += field->width + 1;
	}
}

void fields_measure(struct fields *fields, const struct table *table, const struct table_style *style)
{
	size_t n = fields->n;

	/* Nothing follows the last column: the width of text in it matters only to a terminal. */
	if (fields->items[n - 1].is_text && style->width == 0)
		n--;
	for (size_t i = 0; i < n; i++) {
		measure_column(table, &fields->items[i], style);
		settle_width(&fields->items[i], style);
	}
	if (style->width > 0) {
		drop_columns(fields, table->n_yielding, style->width);
		link_ranges(fields);
		shrink(fields, style->width);
	}
	place(fields);
}
