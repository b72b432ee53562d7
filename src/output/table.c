/* SPDX-License-Identifier: MIT */
#include "output/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "output/field.h"
#include "output/wrap_text.h"

#define EXPLANATION "EXPLANATION" /* heading of explanations */
#define SENTENCE_INDENT 4
#define NAME_MIN 4 /* columns that a name gets even if cells before it stick out */

/*
 * Blanks are written only once something comes after them: no line ends in blanks. `*at` is the column that
 * the line has reached; a cell wider than its column pushes those after it to the right, until there is room.
 */
static inline void put_blanks(struct out *out, size_t column, size_t *at)
{
	size_t n = column > *at ? column - *at : *at > 0;

	out_fill(out, ' ', n);
	*at += n;
}

static inline void put_left(struct out *out, const struct field *field, const char *text, size_t len,
			    size_t width, size_t *at)
{
	if (len == 0)
		return;
	put_blanks(out, field->start, at);
	out_write(out, text, len);
	*at += width;
}

static inline size_t right_start(const struct field *field, size_t width)
{
	return field->start + (width < field->width ? field->width - width : 0);
}

static void put_right(struct out *out, const struct field *field, const char *text, size_t len, size_t width,
		      size_t *at)
{
	put_blanks(out, right_start(field, width), at);
	out_write(out, text, len);
	*at += width;
}

static void put_coloured(struct out *out, const struct field *field, const char *colour,
			 const struct cell_text *p, size_t *at)
{
	put_blanks(out, field->start, at);
	out_str(out, "\033[");
	out_str(out, colour);
	out_char(out, 'm');
	out_write(out, p->text, p->len);
	out_str(out, "\033[0m");
	*at += p->width;
}

/* What is left of the column if earlier cells have run into it. */
static size_t room(const struct field *field, size_t at)
{
	size_t end = field->start + field->width;
	size_t start = MAX(field->start, at + 1);

	return at < field->start ? field->width : end >= start + NAME_MIN ? end - start : NAME_MIN;
}

static void shorten(struct cell_text *p, const struct field *field, size_t width)
{
	char *shortened = text_shorten(p->text, width, field->column->keeps_start);

	free(p->owned);
	p->text = p->owned = shortened;
	p->len = strlen(shortened);
	p->width = text_width(shortened);
}

static void put_any(struct out *out, const struct field *field, const struct cell *cell,
		    const struct table_style *style, size_t *at)
{
	struct cell_text p;

	format_cell(&p, field->type, cell, style);
	if (field->column->shrinks && style->width > 0 && field->width > 0 && p.width > room(field, *at))
		shorten(&p, field, room(field, *at));
	if (style->colour && cell->colour)
		put_coloured(out, field, cell->colour, &p, at);
	else if (field->is_text)
		put_left(out, field, p.text, p.len, p.width, at);
	else
		put_right(out, field, p.text, p.len, p.width, at);
	free(p.owned);
}

/* Fills field->text, unless it already has this number. */
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

/* Nearly all cells are numbers or plain text, and there may be a million of them. */
_always_inline_ static inline void put_cell(struct out *out, struct field *field, const struct cell *cell,
					    const struct table_style *style, size_t *at)
{
	if (field->is_plain && cell->is_plain && (cell->len > 0 || field->type == CELL_NAME)) {
		put_left(out, field, cell->text, cell->len, cell->len, at);
	} else if (!field->is_text && !field->is_signed && !cell->is_word && !cell->is_count &&
		   cell->number != UNKNOWN) {
		format_field(field, cell->number, style);
		put_blanks(out, right_start(field, field->len), at);
		out_write_short(out, field->text, field->len);
		*at += field->len;
	} else {
		put_any(out, field, cell, style, at);
	}
}

void table_put_mark(struct out *out, enum mark mark, const struct table_style *style)
{
	static const char *const plain[N_MARKS] = { "  ", "+ ", "* " };
	static const char *const coloured[N_MARKS] = { "  ", "\033[1;32m+\033[0m ", "\033[1;33m*\033[0m " };

	out_str(out, (style->colour ? coloured : plain)[mark]);
}

static void put_headings(struct out *out, const struct table *table, const struct fields *fields,
			 const struct table_style *style)
{
	size_t at = 0;

	if (table->marks)
		table_put_mark(out, MARK_NONE, style);
	out_str(out, style->colour ? "\033[1m" : "");
	for (size_t i = 0; i < fields->n; i++) {
		const struct field *field = &fields->items[i];
		const char *name = field->column->name;
		size_t len = strlen(name);

		if (field->is_text)
			put_left(out, field, name, len, len, &at);
		else
			put_right(out, field, name, len, len, &at);
	}
	if (table->explanation && style->raw)
		out_str(out, " " EXPLANATION);
	out_str(out, style->colour ? "\033[0m" : "");
	out_char(out, '\n');
}

/* Below the row, indented; for scripts, one more cell of the row. */
static void put_sentence(struct out *out, char *(*sentence)(const struct row *), const struct row *row,
			 const struct table_style *style)
{
	_cleanup_free_ char *explanation = sentence(row);
	_cleanup_free_ char *cell =
		style->raw ? text_escape(explanation, strlen(explanation), TEXT_RAW) : NULL;

	if (cell) {
		out_char(out, ' ');
		out_str(out, cell);
	} else {
		out_char(out, '\n');
		out_fill(out, ' ', SENTENCE_INDENT);
		out_wrapped(out, explanation, SENTENCE_INDENT, SENTENCE_INDENT, style->width);
	}
}

static void put_row(struct out *out, const struct table *table, size_t i, struct fields *fields,
		    const struct table_style *style)
{
	struct row row = table_row(table, i);
	size_t at = 0;

	if (table->marks)
		table_put_mark(out, table->marks[i], style);
	for (size_t k = 0; k < fields->n; k++) {
		struct cell cell = table_cell(table, &row, &fields->items[k]);

		put_cell(out, &fields->items[k], &cell, style, &at);
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

static void put_record(struct out *out, const struct table *table, size_t i, struct fields *fields,
		       size_t width, const struct table_style *style)
{
	struct row row = table_row(table, i);
	_cleanup_free_ char *explanation = table->explanation ? table->explanation(&row) : NULL;

	for (size_t k = 0; k < fields->n; k++) {
		struct cell cell = table_cell(table, &row, &fields->items[k]);
		size_t at = 0;

		if (!is_known(&fields->items[k], &cell))
			continue;
		put_label(out, fields->items[k].column->name, width);
		put_cell(out, &fields->items[k], &cell, style, &at);
		out_char(out, '\n');
	}
	if (explanation) {
		put_label(out, EXPLANATION, width);
		out_wrapped(out, explanation, width + 2, width + 2, style->width);
		out_char(out, '\n');
	}
}

static void put_records(struct out *out, const struct table *table, const struct table_style *style)
{
	size_t n_rows = table_n_rows(table);
	size_t width = table->explanation ? strlen(EXPLANATION) : 0;
	struct fields fields;

	fields_init(&fields, table, style);
	for (size_t k = 0; k < fields.n; k++)
		width = MAX(width, strlen(fields.items[k].column->name));
	for (size_t i = 0; i < n_rows; i++) {
		if (i > 0)
			out_char(out, '\n');
		put_record(out, table, i, &fields, width, style);
	}
	fields_done(&fields);
}

void table_print(struct out *out, const struct table *table, const struct table_style *style)
{
	size_t n_rows = table_n_rows(table);
	struct table_style inside = *style; /* with the width that marks leave */
	struct fields fields;
	bool is_record = table->is_record && !style->raw && !style->no_headings;

	fields_init(&fields, table, style);
	if (table->marks && style->width > MARK_WIDTH)
		inside.width -= MARK_WIDTH;
	if (!is_record && !style->raw)
		fields_measure(&fields, table, &inside);
	if (is_record || (!fields.fit && style->has_records)) {
		put_records(out, table, style);
	} else {
		if (!style->no_headings)
			put_headings(out, table, &fields, style);
		for (size_t i = 0; i < n_rows; i++)
			put_row(out, table, i, &fields, style);
	}
	fields_done(&fields);
}
