/* SPDX-License-Identifier: MIT */
#include "table.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "text.h"

#define SHRUNK_MIN 12 /* no column is made narrower than this */

/* One cell, ready to be written. */
struct printed {
	const char *text; /* in buf, in `owned`, or the cell's own */
	size_t len, width;
	char *owned;
	char buf[OUT_DEC_MAX + 2];
};

static void print_text(struct printed *p, const struct cell *cell, bool raw)
{
	if (cell->is_plain && !(raw && memchr(cell->text, ' ', cell->len))) {
		p->text = cell->text;
		p->len = p->width = cell->len;
		return;
	}
	p->owned = text_escape(cell->text, cell->len, raw ? TEXT_RAW : TEXT_TABLE);
	p->text = p->owned;
	p->len = strlen(p->owned);
	p->width = text_width(p->owned);
}

static void print_bytes(struct printed *p, const struct cell *cell)
{
	p->owned = mem_alloc(2 * cell->len + 1);
	for (size_t i = 0; i < cell->len; i++) {
		unsigned char byte = (unsigned char)cell->text[i];

		p->owned[2 * i] = "0123456789abcdef"[byte >> 4];
		p->owned[2 * i + 1] = "0123456789abcdef"[byte & 0xf];
	}
	p->text = p->owned;
	p->len = p->width = 2 * cell->len;
}

static size_t format_device(char *buf, uint64_t dev)
{
	return (size_t)snprintf(buf, OUT_DEC_MAX, "%02x:%02x", (unsigned)(dev >> 32), (unsigned)dev);
}

static void print_number(struct printed *p, enum cell_type type, uint64_t number, bool bytes)
{
	if (type == CELL_ADDRESS)
		p->len = out_format_hex(p->buf, number);
	else if (type == CELL_SIZE && !bytes)
		p->len = text_size(p->buf, number);
	else if (type == CELL_DEVICE)
		p->len = format_device(p->buf, number);
	else
		p->len = out_format_dec(p->buf, number);
	p->text = p->buf;
	p->width = p->len;
}

static bool is_text(enum cell_type type)
{
	return type == CELL_WORD || type == CELL_NAME || type == CELL_BYTES;
}

/* What is unknown is "-"; in a table for people a missing name is just blank. */
static void print_unknown(struct printed *p, enum cell_type type, bool raw)
{
	p->text = type == CELL_NAME && !raw ? "" : "-";
	p->len = p->width = strlen(p->text);
}

/* Fills *p, which must not be moved; free p->owned. */
static void print_cell(struct printed *p, enum cell_type type, const struct cell *cell,
		       const struct table_style *style)
{
	p->owned = NULL;
	if (cell->is_word)
		print_text(p, cell, style->raw);
	else if (is_text(type) ? !cell->text || cell->len == 0 : cell->number == UNKNOWN)
		print_unknown(p, type, style->raw);
	else if (type == CELL_BYTES)
		print_bytes(p, cell);
	else if (is_text(type))
		print_text(p, cell, style->raw);
	else
		print_number(p, cell->is_count ? CELL_NUMBER : type, cell->number, style->bytes);
}

static size_t cell_width(enum cell_type type, const struct cell *cell, const struct table_style *style)
{
	struct printed p;

	print_cell(&p, type, cell, style);
	free(p.owned);
	return p.width;
}

static size_t count_rows(const struct table *table)
{
	return table->view ? table->view->n_rows : table->n_rows;
}

static inline struct cell get_cell(const struct table *table, size_t row, size_t column)
{
	const struct column *c = table->columns[column];

	if (!table->view)
		return table->cells[row * table->n_columns + column];
	return c->get(c, table->view->as, view_row(table->view, row));
}

/*
 * The widest cell of a column. Of numbers in full only the largest can be that; in powers of
 * 1024 any may, but none needs more than five characters.
 */
static size_t measure_column(const struct table *table, size_t k, const struct table_style *style)
{
	const struct column *column = table->columns[k];
	bool by_largest = column->type == CELL_ADDRESS || column->type == CELL_NUMBER ||
			  (column->type == CELL_SIZE && style->bytes);
	struct cell largest = { .number = UNKNOWN };
	size_t n_rows = count_rows(table);
	size_t width = 0;

	for (size_t i = 0; i < n_rows; i++) {
		struct cell cell = get_cell(table, i, k);

		if (by_largest && !cell.is_count && !cell.is_word) {
			if (cell_compare(column->type, &cell, &largest) > 0)
				largest = cell;
		} else if (cell.is_plain) {
			width = MAX(width, cell.len);
		} else {
			width = MAX(width, cell_width(column->type, &cell, style));
		}
	}
	return by_largest ? MAX(width, cell_width(column->type, &largest, style)) : width;
}

static size_t *measure(const struct table *table, const struct table_style *style)
{
	size_t *widths = mem_alloc(table->n_columns * sizeof(*widths));
	size_t last = table->n_columns - 1;
	size_t total = 0;

	for (size_t i = 0; i < table->n_columns; i++) {
		const struct column *column = table->columns[i];

		/* Nothing follows the last column: the width of text in it matters only to a terminal. */
		if (i == last && is_text(column->type) && style->width == 0)
			continue;
		widths[i] = MAX(measure_column(table, i, style), strlen(column->name));
		total += widths[i] + (i > 0);
	}
	for (size_t i = 0; i < table->n_columns && style->width > 0 && total > style->width; i++) {
		size_t excess = total - style->width;

		if (!table->columns[i]->shrinks || widths[i] <= SHRUNK_MIN)
			continue;
		excess = MIN(excess, widths[i] - SHRUNK_MIN);
		widths[i] -= excess;
		total -= excess;
	}
	return widths;
}

/*
 * Blanks are written when something comes after them: no line ends in any. `*blanks` are those
 * that wait.
 */
static void put_aligned(struct out *out, const char *text, size_t len, size_t width, size_t column_width,
			bool right, size_t *blanks)
{
	size_t fill = width < column_width ? column_width - width : 0;

	if (right)
		*blanks += fill;
	if (len > 0) {
		out_fill(out, ' ', *blanks);
		*blanks = 0;
	}
	out_write(out, text, len);
	*blanks += 1 + (right ? 0 : fill);
}

static void put_coloured(struct out *out, const char *colour, const char *text, size_t len, size_t *blanks)
{
	out_fill(out, ' ', *blanks);
	*blanks = 0;
	out_str(out, "\033[");
	out_str(out, colour);
	out_char(out, 'm');
	out_write(out, text, len);
	out_str(out, "\033[0m");
}

static void put_cell(struct out *out, const struct table *table, size_t row, size_t i, size_t width,
		     const struct table_style *style, size_t *blanks)
{
	const struct column *column = table->columns[i];
	struct cell cell = get_cell(table, row, i);
	struct printed p;

	print_cell(&p, column->type, &cell, style);
	if (column->shrinks && style->width > 0 && p.width > width) {
		char *shortened = text_shorten(p.text, width);

		free(p.owned);
		p.text = p.owned = shortened;
		p.len = strlen(shortened);
		p.width = text_width(shortened);
	}
	if (style->raw)
		width = 0;
	if (style->colour && cell.colour) {
		put_coloured(out, cell.colour, p.text, p.len, blanks);
		put_aligned(out, "", 0, p.width, width, false, blanks);
	} else {
		put_aligned(out, p.text, p.len, p.width, width, !is_text(column->type), blanks);
	}
	free(p.owned);
}

static void put_headings(struct out *out, const struct table *table, const size_t *widths,
			 const struct table_style *style)
{
	size_t blanks = 0;

	for (size_t i = 0; i < table->n_columns; i++) {
		const struct column *column = table->columns[i];
		size_t len = strlen(column->name);

		put_aligned(out, column->name, len, len, style->raw ? 0 : widths[i], !is_text(column->type),
			    &blanks);
	}
	if (table->remark && style->raw)
		out_str(out, " EXPLANATION");
	out_char(out, '\n');
}

/* Below the row and set in; for scripts, one more cell of it. */
static void put_remark(struct out *out, const struct table *table, size_t i, const struct table_style *style)
{
	_cleanup_free_ char *remark = table->remark(table->view, i);
	_cleanup_free_ char *cell = style->raw ? text_escape(remark, strlen(remark), TEXT_RAW) : NULL;

	out_str(out, style->raw ? " " : "\n    ");
	out_str(out, cell ? cell : remark);
}

void table_print(struct out *out, const struct table *table, const struct table_style *style)
{
	size_t *widths = style->raw ? mem_alloc(table->n_columns * sizeof(*widths)) : measure(table, style);

	size_t n_rows = count_rows(table);

	if (!style->no_headings)
		put_headings(out, table, widths, style);
	for (size_t i = 0; i < n_rows; i++) {
		size_t blanks = 0;

		for (size_t k = 0; k < table->n_columns; k++)
			put_cell(out, table, i, k, widths[k], style, &blanks);
		if (table->remark)
			put_remark(out, table, i, style);
		out_char(out, '\n');
	}
	free(widths);
}

void table_put_size(struct out *out, uint64_t bytes, const struct table_style *style)
{
	struct cell cell = { .number = bytes };
	struct printed p;

	print_cell(&p, CELL_SIZE, &cell, style);
	out_write(out, p.text, p.len);
}
