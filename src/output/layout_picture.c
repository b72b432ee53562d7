/* SPDX-License-Identifier: MIT */
#include "output/layout_picture.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "output/wrap_text.h"

#define BAR_MIN 6

/* ---- widths ---- */

size_t rail_at(const struct picture *p)
{
	return p->indent + p->address_width + 1 + p->size_width + 1 +
	       (p->resident_width > 0 ? p->resident_width + 1 : 0) + p->label_width + 1;
}

size_t size_width(const struct picture *p, uint64_t size)
{
	char buf[OUT_SHORT];

	return size == UNKNOWN ? 1 : format_number(buf, CELL_SIZE, size, p->style->bytes);
}

uint64_t band_resident(const struct picture *p, const struct band *band)
{
	return band_counter(&p->strip, band, COUNTER_RSS);
}

/*
 * The scale ignores reserved memory, which may be terabytes, unless there is nothing else: bars that are too
 * long for the scale are cut.
 */
static uint64_t largest_bar(const struct picture *p)
{
	uint64_t largest = 0;
	uint64_t largest_reserved = 0;

	for (size_t i = 0; i < p->view->rows.n; i++) {
		const struct band *band = &row_of(p, i)->band;

		if (band->type == BAND_GAP || band->is_open)
			continue;
		if (band->kind == KIND_RESERVED)
			largest_reserved = MAX(largest_reserved, band->size);
		else
			largest = MAX(largest, band->size);
	}
	return largest > 0 ? largest : largest_reserved;
}

static void measure_rows(struct picture *p)
{
	char buf[OUT_SHORT];

	for (size_t i = 0; i < p->view->rows.n; i++) {
		const struct band_row *row = row_of(p, i);
		const struct band *band = &row->band;

		/* Hardly anything is above user space; its address may stick out. */
		if (!is_above_user_space(band->start))
			p->address_width = MAX(p->address_width, digits_format_hex(buf, band->start));
		p->size_width = MAX(p->size_width, size_width(p, band->size));
		if (p->has_density && band->type != BAND_GAP)
			p->resident_width = MAX(p->resident_width, size_width(p, band_resident(p, band)));
		p->label_width = MAX(p->label_width, text_width(row->label) + band->depth * 2u);
		p->is_folded |= band->n_folded > 1;
	}
}

void layout_measure(struct picture *p)
{
	size_t width = p->style->width > 0 ? p->style->width : WIDTH_ELSEWHERE;
	size_t left;

	p->indent = p->marks ? MARK_WIDTH : 0;
	p->address_width = strlen("ADDRESS");
	p->size_width = strlen("SIZE");
	p->resident_width = p->has_density ? strlen("RSS") : 0;
	measure_rows(p);
	p->strip.largest = largest_bar(p);
	p->label_width = MAX(p->label_width, (size_t)LABEL_MIN);
	/* The RSS column can go: bars show what is resident, too. */
	if (rail_at(p) - p->label_width + LABEL_MIN + 1 + BAR_MIN > width)
		p->resident_width = 0;
	left = rail_at(p) - p->label_width + 1;
	left = width > left + LABEL_MIN + BAR_MIN ? width - left : LABEL_MIN + BAR_MIN;
	p->label_width = MAX(MIN(p->label_width, left / 3), (size_t)LABEL_MIN);
	p->bar_width = left - p->label_width;
}

/* ---- headings and legend ---- */

void put_right(struct picture *p, const char *text, size_t len, size_t width)
{
	out_fill(p->out, ' ', width > len ? width - len : 0);
	out_write(p->out, text, len);
	out_char(p->out, ' ');
}

/* Marks on the scale at powers of 4, each half as far along as the next, since lengths are square roots. */
static void draw_ruler(const struct picture *p, char *line)
{
	uint64_t size = 1;
	size_t free_to = p->bar_width;

	memset(line, ' ', p->bar_width);
	line[p->bar_width] = '\0';
	while (size <= p->strip.largest / 4)
		size *= 4;
	for (; size >= 256; size /= 4) {
		size_t at = (bar_length(size, p->strip.largest, p->bar_width) + 7) / 8;
		char text[OUT_SHORT];
		size_t len = text_size(text, size);

		if (at > free_to || at < len + 1)
			return;
		line[at - 1] = '|';
		memcpy(line + at - 1 - len, text, len);
		free_to = at - 2 - len < at ? at - 2 - len : 0;
	}
}

void layout_put_headings(struct picture *p)
{
	_cleanup_free_ char *ruler = mem_alloc(p->bar_width + 1);
	size_t len;

	draw_ruler(p, ruler);
	len = strlen(ruler);
	while (len > 0 && ruler[len - 1] == ' ')
		len--;
	out_str(p->out, p->style->colour ? "\033[1m" : "");
	out_fill(p->out, ' ', p->indent);
	put_right(p, "ADDRESS", strlen("ADDRESS"), p->address_width);
	put_right(p, "SIZE", strlen("SIZE"), p->size_width);
	if (p->resident_width > 0)
		put_right(p, "RSS", strlen("RSS"), p->resident_width);
	out_str(p->out, "WHAT");
	out_fill(p->out, ' ', p->label_width - strlen("WHAT") + 2);
	out_write(p->out, ruler, len);
	out_str(p->out, p->style->colour ? "\033[0m" : "");
	out_char(p->out, '\n');
}

void layout_put_legend(struct picture *p)
{
	size_t width = rail_at(p) + 1 + p->bar_width;
	_cleanup_free_ char *text =
		mem_format("%s%s%s", BAR_SCALE, p->has_cut_bars ? " One that ends with > is cut off." : "",
			   p->is_folded ? " Small neighbours share a line: --full gives each its own." : "");

	out_wrapped(p->out, text, 0, 0, width);
	out_char(p->out, '\n');
	bar_put_legend(p->out, &p->legend, width, p->style);
}
