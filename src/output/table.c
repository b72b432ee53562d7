/* SPDX-License-Identifier: MIT */
#include "output/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "base/mem.h"
#include "base/text.h"

#define EXPLANATION "EXPLANATION" /* its heading */
#define SHRUNK_MIN 12		  /* no column is made narrower than this */

/* One cell, ready to be written. */
struct printed {
	const char *text; /* in buf, in `owned`, or the cell's own */
	size_t len, width;
	char *owned;
	char buf[OUT_SHORT];
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

/* At most OUT_SHORT characters. */
static size_t format_number(char *buf, enum cell_type type, uint64_t number, bool bytes)
{
	if (type == CELL_ADDRESS || type == CELL_OFFSET)
		return digits_format_hex(buf, number);
	if (type == CELL_SIZE && !bytes)
		return text_size(buf, number);
	if (type == CELL_DEVICE)
		return text_device(buf, (uint32_t)(number >> 32), (uint32_t)number);
	return digits_format_dec(buf, number);
}

static bool is_text(enum cell_type type)
{
	return type == CELL_WORD || type == CELL_NAME || type == CELL_ANSWER || type == CELL_BYTES;
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
	else {
		p->text = p->buf;
		p->len = p->width = format_number(p->buf, cell->is_count ? CELL_NUMBER : type, cell->number,
						  style->bytes);
	}
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
	return table->rows ? table->rows->n : table->n_rows;
}

static inline struct row get_row(const struct table *table, size_t i)
{
	return table->rows ? rows_get(table->rows, i) :
			     (struct row){ .data = table->cells + i * table->n_columns };
}

static inline struct cell get_cell(const struct table *table, const struct row *row, size_t column)
{
	const struct column *c = table->columns[column];

	return table->rows ? column_cell(c, row) : ((const struct cell *)row->data)[column];
}

/* A column of this table. */
struct field {
	const struct column *column;
	enum cell_type type;
	bool is_text;  /* stands left; numbers stand right */
	bool is_plain; /* text that, where it is plain, only has to be aligned */
	bool grows;    /* the larger a number, the wider it is */
	size_t width;
	uint64_t largest, last; /* of the numbers that have been measured, or UNKNOWN */
	uint64_t shown;		/* the number that was written last, or UNKNOWN, */
	size_t len;		/* and its text: neighbours are often alike */
	char text[OUT_SHORT];
	/* The column to the right, of addresses, too: where a range ends the next one mostly begins. */
	const struct field *ends;
};

static struct field *init_fields(const struct table *table, const struct table_style *style)
{
	struct field *fields = mem_alloc(table->n_columns * sizeof(*fields));

	for (size_t i = 0; i < table->n_columns; i++) {
		const struct column *column = table->columns[i];
		enum cell_type type = column->type;

		fields[i] = (struct field){
			.column = column,
			.type = type,
			.is_text = is_text(type),
			.is_plain = is_text(type) && !style->raw && !style->colour &&
				    !(column->shrinks && style->width > 0),
			.grows = type == CELL_ADDRESS || type == CELL_OFFSET || type == CELL_NUMBER ||
				 (type == CELL_SIZE && style->bytes),
			.largest = UNKNOWN,
			.last = UNKNOWN,
			.shown = UNKNOWN,
		};
		if (i > 0 && type == CELL_ADDRESS && fields[i - 1].type == CELL_ADDRESS)
			fields[i - 1].ends = &fields[i];
	}
	return fields;
}

static void measure_cell(struct field *field, const struct cell *cell, const struct table_style *style)
{
	if (cell->is_plain) {
		field->width = MAX(field->width, cell->len);
	} else if (field->grows && !cell->is_count) {
		/* UNKNOWN + 1 is 0. */
		if (cell->number + 1 > field->largest + 1)
			field->largest = cell->number;
	} else if (field->is_text || cell->number != field->last) {
		/* Neighbours are often of one size. */
		field->last = cell->number;
		field->width = MAX(field->width, cell_width(field->type, cell, style));
	}
}

static void measure_column(const struct table *table, size_t k, struct field *field,
			   const struct table_style *style)
{
	bool is_in_order = table->rows && !table->rows->order;
	size_t n_rows = count_rows(table);
	size_t first = is_in_order && field->column->last_is_widest && n_rows > 0 ? n_rows - 1 : 0;
	struct row row;

	for (size_t i = first; i < n_rows; i++) {
		struct cell cell;

		/* Looking each row up would take longer than its cell. */
		if (i > first && is_in_order && !table->rows->spaces)
			row.data = (const char *)row.data + table->rows->row_size;
		else
			row = get_row(table, i);
		cell = get_cell(table, &row, k);
		measure_cell(field, &cell, style);
	}
}

/* Where all does not fit into the terminal, some give way. */
static void shrink(struct field *fields, size_t n, size_t excess)
{
	for (size_t i = n; i-- > 0 && excess > 0;) {
		size_t part;

		if (!fields[i].column->shrinks || fields[i].width <= SHRUNK_MIN)
			continue;
		part = MIN(excess, fields[i].width - SHRUNK_MIN);
		fields[i].width -= part;
		excess -= part;
	}
}

static void measure(const struct table *table, struct field *fields, const struct table_style *style)
{
	size_t n = table->n_columns;
	size_t total = 0;

	/* Nothing follows the last column: the width of text in it matters only to a terminal. */
	if (fields[n - 1].is_text && style->width == 0)
		n--;
	for (size_t i = 0; i < n; i++) {
		struct field *field = &fields[i];
		struct cell largest = { 0 };

		measure_column(table, i, field, style);
		largest.number = field->largest;
		if (field->grows)
			field->width = MAX(field->width, cell_width(field->type, &largest, style));
		field->width = MAX(field->width, strlen(field->column->name));
		total += field->width + (i > 0);
	}
	if (style->width > 0 && total > style->width)
		shrink(fields, n, total - style->width);
}

/*
 * Blanks are written when something comes after them: no line ends in any. `*blanks` are those
 * that wait.
 */
static void put_blanks(struct out *out, size_t *blanks)
{
	out_fill(out, ' ', *blanks);
	*blanks = 0;
}

static inline void put_left(struct out *out, const char *text, size_t len, size_t width, size_t column_width,
		     size_t *blanks)
{
	if (len > 0)
		put_blanks(out, blanks);
	out_write(out, text, len);
	*blanks += 1 + (width < column_width ? column_width - width : 0);
}

static void put_right(struct out *out, const char *text, size_t len, size_t width, size_t column_width,
		      size_t *blanks)
{
	*blanks += width < column_width ? column_width - width : 0;
	put_blanks(out, blanks);
	out_write(out, text, len);
	*blanks = 1;
}

static void put_coloured(struct out *out, const char *colour, const struct printed *p, size_t column_width,
			 size_t *blanks)
{
	put_blanks(out, blanks);
	out_str(out, "\033[");
	out_str(out, colour);
	out_char(out, 'm');
	out_write(out, p->text, p->len);
	out_str(out, "\033[0m");
	*blanks = 1 + (p->width < column_width ? column_width - p->width : 0);
}

static void shorten(struct printed *p, const struct field *field)
{
	char *shortened = text_shorten(p->text, field->width, field->column->keeps_start);

	free(p->owned);
	p->text = p->owned = shortened;
	p->len = strlen(shortened);
	p->width = text_width(shortened);
}

static void put_any(struct out *out, const struct field *field, const struct cell *cell,
		    const struct table_style *style, size_t *blanks)
{
	struct printed p;

	print_cell(&p, field->type, cell, style);
	if (field->column->shrinks && style->width > 0 && p.width > field->width)
		shorten(&p, field);
	if (style->colour && cell->colour)
		put_coloured(out, cell->colour, &p, field->width, blanks);
	else if (field->is_text)
		put_left(out, p.text, p.len, p.width, field->width, blanks);
	else
		put_right(out, p.text, p.len, p.width, field->width, blanks);
	free(p.owned);
}

/* Makes field->text, which may be there already. */
static inline void format_field(struct field *field, uint64_t number, const struct table_style *style)
{
	if (number == field->shown)
		return;
	field->shown = number;
	if (field->ends && field->ends->shown == number) {
		memcpy(field->text, field->ends->text, sizeof(field->text));
		field->len = field->ends->len;
	} else {
		field->len = format_number(field->text, field->type, number, style->bytes);
	}
}

/* Nearly all cells are numbers and plain text, and there may be a million of them. */
_always_inline_ static inline void put_cell(struct out *out, struct field *field, const struct cell *cell,
					    const struct table_style *style, size_t *blanks)
{
	if (field->is_plain && cell->is_plain && (cell->len > 0 || field->type == CELL_NAME)) {
		put_left(out, cell->text, cell->len, cell->len, field->width, blanks);
	} else if (!field->is_text && !cell->is_word && !cell->is_count && cell->number != UNKNOWN) {
		format_field(field, cell->number, style);
		*blanks += field->len < field->width ? field->width - field->len : 0;
		put_blanks(out, blanks);
		out_write_short(out, field->text, field->len);
		*blanks = 1;
	} else {
		put_any(out, field, cell, style, blanks);
	}
}

static void put_headings(struct out *out, const struct table *table, const struct field *fields,
			 const struct table_style *style)
{
	size_t blanks = 0;

	for (size_t i = 0; i < table->n_columns; i++) {
		const char *name = fields[i].column->name;
		size_t len = strlen(name);

		if (fields[i].is_text)
			put_left(out, name, len, len, fields[i].width, &blanks);
		else
			put_right(out, name, len, len, fields[i].width, &blanks);
	}
	if (table->explanation && style->raw)
		out_str(out, " " EXPLANATION);
	out_char(out, '\n');
}

/* Below the row and set in; for scripts, one more cell of it. */
static void put_sentence(struct out *out, char *(*sentence)(const struct row *), const struct row *row,
			 const struct table_style *style)
{
	_cleanup_free_ char *explanation = sentence(row);
	_cleanup_free_ char *cell =
		style->raw ? text_escape(explanation, strlen(explanation), TEXT_RAW) : NULL;

	out_str(out, style->raw ? " " : "\n    ");
	out_str(out, cell ? cell : explanation);
}

static void put_row(struct out *out, const struct table *table, size_t i, struct field *fields,
		    const struct table_style *style)
{
	struct row row = get_row(table, i);
	size_t blanks = 0;

	for (size_t k = 0; k < table->n_columns; k++) {
		struct cell cell = get_cell(table, &row, k);

		put_cell(out, &fields[k], &cell, style, &blanks);
	}
	if (table->explanation)
		put_sentence(out, table->explanation, &row, style);
	out_char(out, '\n');
}

/* ---- records ---- */

static void put_label(struct out *out, const char *label, size_t width)
{
	out_str(out, label);
	out_fill(out, ' ', width - strlen(label) + 2);
}

static bool is_known(const struct field *field, const struct cell *cell)
{
	return cell->is_word || field->is_text ? cell->text && cell->len > 0 : cell->number != UNKNOWN;
}

static void put_record(struct out *out, const struct table *table, size_t i, struct field *fields,
		       size_t width, const struct table_style *style)
{
	struct row row = get_row(table, i);
	_cleanup_free_ char *explanation = table->explanation ? table->explanation(&row) : NULL;

	for (size_t k = 0; k < table->n_columns; k++) {
		struct cell cell = get_cell(table, &row, k);
		size_t blanks = 0;

		if (!is_known(&fields[k], &cell))
			continue;
		put_label(out, fields[k].column->name, width);
		put_cell(out, &fields[k], &cell, style, &blanks);
		out_char(out, '\n');
	}
	if (explanation) {
		put_label(out, EXPLANATION, width);
		out_str(out, explanation);
		out_char(out, '\n');
	}
}

static void put_records(struct out *out, const struct table *table, struct field *fields,
			const struct table_style *style)
{
	size_t n_rows = count_rows(table);
	size_t width = table->explanation ? strlen(EXPLANATION) : 0;

	for (size_t k = 0; k < table->n_columns; k++)
		width = MAX(width, strlen(fields[k].column->name));
	for (size_t i = 0; i < n_rows; i++) {
		if (i > 0)
			out_char(out, '\n');
		put_record(out, table, i, fields, width, style);
	}
}

void table_print(struct out *out, const struct table *table, const struct table_style *style)
{
	_cleanup_free_ struct field *fields = init_fields(table, style);
	size_t n_rows = count_rows(table);

	if (table->is_record && !style->raw && !style->no_headings) {
		put_records(out, table, fields, style);
		return;
	}
	if (!style->raw)
		measure(table, fields, style);
	if (!style->no_headings)
		put_headings(out, table, fields, style);
	for (size_t i = 0; i < n_rows; i++)
		put_row(out, table, i, fields, style);
}

void table_put_size(struct out *out, uint64_t bytes, const struct table_style *style)
{
	struct cell cell = { .number = bytes };
	struct printed p;

	print_cell(&p, CELL_SIZE, &cell, style);
	out_write(out, p.text, p.len);
}
