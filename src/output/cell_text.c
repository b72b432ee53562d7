/* SPDX-License-Identifier: MIT */
#include "output/cell_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "base/mem.h"
#include "base/text.h"

static void print_text(struct cell_text *p, const struct cell *cell, bool raw)
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

static void print_bytes(struct cell_text *p, const struct cell *cell)
{
	p->owned = text_hex(cell->text, cell->len);
	p->text = p->owned;
	p->len = p->width = 2 * cell->len;
}

size_t format_number(char *buf, enum cell_type type, uint64_t number, bool bytes)
{
	if (type == CELL_ADDRESS || type == CELL_OFFSET)
		return digits_format_hex(buf, number);
	if (type == CELL_SIZE && !bytes)
		return text_size(buf, number);
	if (type == CELL_DEVICE)
		return text_device(buf, (uint32_t)(number >> 32), (uint32_t)number);
	return digits_format_dec(buf, number);
}

/* Zero has no sign. */
static void print_change(struct cell_text *p, const struct cell *cell, const struct table_style *style)
{
	p->text = p->buf;
	if (cell->number > 0)
		p->buf[p->len++] = cell->is_negative ? '-' : '+';
	p->len += format_number(p->buf + p->len, cell->is_count ? CELL_NUMBER : CELL_SIZE, cell->number,
				style->bytes);
	p->width = p->len;
}

/* Unknown values are "-"; in a table for people a missing name is just blank. */
static void print_unknown(struct cell_text *p, enum cell_type type, bool raw)
{
	p->text = type == CELL_NAME && !raw ? "" : "-";
	p->len = p->width = strlen(p->text);
}

void format_cell(struct cell_text *p, enum cell_type type, const struct cell *cell,
		 const struct table_style *style)
{
	p->owned = NULL;
	p->len = 0;
	if (cell->is_word)
		print_text(p, cell, style->raw);
	else if (cell_is_text(type) ? !cell->text || cell->len == 0 : cell->number == UNKNOWN)
		print_unknown(p, type, style->raw);
	else if (type == CELL_BYTES)
		print_bytes(p, cell);
	else if (cell_is_text(type))
		print_text(p, cell, style->raw);
	else if (type == CELL_CHANGE)
		print_change(p, cell, style);
	else {
		p->text = p->buf;
		p->len = p->width = format_number(p->buf, cell->is_count ? CELL_NUMBER : type, cell->number,
						  style->bytes);
	}
}

size_t cell_width(enum cell_type type, const struct cell *cell, const struct table_style *style)
{
	struct cell_text p;

	format_cell(&p, type, cell, style);
	free(p.owned);
	return p.width;
}
