/* SPDX-License-Identifier: MIT */
#include "output/render_layout.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/band_label.h"
#include "base/mem.h"
#include "base/text.h"
#include "output/layout_picture.h"
#include "output/wrap_text.h"

#define NOTE_MIN 24 /* columns: a remark with less room to the right of the strip goes below the labels */

/* ---- parts of a line ---- */

static void put_size(struct picture *p, uint64_t size, size_t width)
{
	char buf[OUT_SHORT] = "-";
	size_t len = size == UNKNOWN ? 1 : format_number(buf, CELL_SIZE, size, p->style->bytes);

	put_right(p, buf, len, width);
}

/* Its first word has the colour of the kind. */
static void put_label(struct picture *p, const struct band_row *row, size_t width)
{
	size_t indent = row->band.depth * 2u;
	_cleanup_free_ char *label = text_shorten(row->label, width - indent, true);
	size_t word = strcspn(label, " ,");
	const char *colour =
		p->style->colour && row->band.kind < N_KINDS ? kinds[row->band.kind].colour : NULL;

	out_fill(p->out, ' ', indent);
	if (colour) {
		out_str(p->out, "\033[");
		out_str(p->out, colour);
		out_char(p->out, 'm');
	}
	out_write(p->out, label, word);
	out_str(p->out, colour ? "\033[0m" : "");
	out_str(p->out, label + word);
	out_fill(p->out, ' ', width - indent - text_width(label));
}

enum rail { RAIL_TOP, RAIL_BAND, RAIL_GAP, RAIL_UP, RAIL_DOWN, RAIL_END, N_RAILS };

static void put_rail(struct picture *p, enum rail rail)
{
	static const char *const plain[N_RAILS] = { "_", "|", ":", "^", "v", "-" };
	static const char *const drawn[N_RAILS] = { "┬", "│", "┊", "▲", "▼", "┴" };

	out_str(p->out, (p->style->is_utf8 ? drawn : plain)[rail]);
}

/* A remark to the right of the strip, or below the labels if there is too little room. */
static void put_note(struct picture *p, enum rail rail, const char *text)
{
	bool is_beside = p->bar_width >= NOTE_MIN;
	size_t at = is_beside ? rail_at(p) : p->indent + p->address_width + 1;

	out_fill(p->out, ' ', at);
	put_rail(p, rail);
	out_char(p->out, ' ');
	out_wrapped(p->out, text, at + 2, at + 2, rail_at(p) + 1 + p->bar_width);
	out_char(p->out, '\n');
}

/* The remark on a band, to the right of the strip, shortened to fit. */
static void put_beside(struct picture *p, const char *text, bool keeps_start)
{
	_cleanup_free_ char *shortened = text_shorten(text, p->bar_width - 1, keeps_start);

	out_char(p->out, ' ');
	out_str(p->out, shortened);
}

/* ---- bars ---- */

struct parts {
	struct bar_part *items;
	size_t n, cap;
};

static void add_part(struct parts *parts, enum fill fill, uint64_t size)
{
	if (size == 0)
		return;
	if (parts->n > 0 && parts->items[parts->n - 1].fill == fill) {
		parts->items[parts->n - 1].size += size;
		return;
	}
	mem_grow(parts->items, parts->n, parts->cap);
	parts->items[parts->n++] = (struct bar_part){ size, fill };
}

/* Parts by kind, in the order of addresses. */
static void add_kinds(const struct picture *p, const struct band *band, struct parts *parts)
{
	bool has_others = band->kind != KIND_RESERVED && band->kind != KIND_GUARD;

	for (size_t i = 0; i < band->n; i++) {
		const struct region *region = band_region(&p->strip, band, i);

		if (has_others && (region->kind == KIND_RESERVED || region->kind == KIND_GUARD))
			continue;
		add_part(parts, FILL_KIND + region->kind, region->end - region->start);
	}
}

static void add_density(const struct picture *p, const struct band *band, struct parts *parts)
{
	uint64_t size = band->size + band->reserved;
	uint64_t rss = MIN(known_or_zero(band_resident(p, band)), size);
	uint64_t swapped = MIN(known_or_zero(band_counter(&p->strip, band, COUNTER_SWAP)), size - rss);
	uint64_t uss = band_counter(&p->strip, band, COUNTER_USS);
	uint64_t own = uss == UNKNOWN ? rss : MIN(uss, rss);

	add_part(parts, FILL_PRIVATE, own);
	add_part(parts, FILL_SHARED, rss - own);
	add_part(parts, FILL_SWAPPED, swapped);
	/* Address space that is only set aside does not count as absent. */
	add_part(parts, FILL_ABSENT, band->size > rss + swapped ? band->size - rss - swapped : 0);
}

static void fill_bar(const struct picture *p, const struct band *band, struct parts *parts)
{
	if (p->has_density && band_resident(p, band) != UNKNOWN) {
		add_density(p, band, parts);
	} else if (band->used != UNKNOWN && band->used < band->size) {
		add_part(parts, FILL_UNUSED, band->size - band->used);
		add_part(parts, FILL_KIND + KIND_STACK, band->used);
	} else {
		add_kinds(p, band, parts);
	}
}

/* Returns how many columns it takes. */
static size_t put_bar(struct picture *p, const struct band *band)
{
	bool is_cut = band->size > p->strip.largest;
	size_t length = bar_length(band->size, p->strip.largest, p->bar_width - is_cut);
	struct parts parts = { 0 };
	size_t width = 0;

	fill_bar(p, band, &parts);
	if (parts.n > 0) {
		bar_legend_add(&p->legend, parts.items, parts.n, p->style);
		width = bar_put(p->out, parts.items, parts.n, length, p->style);
	}
	if (parts.n > 0 && is_cut) {
		out_char(p->out, BAR_CUT);
		width++;
		p->has_cut_bars = true;
	}
	free(parts.items);
	return width;
}

/* ---- lines ---- */

/* The remark on a band, or NULL. It goes next to the bar if it fits there, else on a separate line. */
static char *remark(const struct picture *p, const struct band *band)
{
	char used[OUT_SHORT];
	char aside[OUT_SHORT];
	size_t used_len =
		band->used == UNKNOWN ? 0 : format_number(used, CELL_SIZE, band->used, p->style->bytes);
	size_t aside_len = format_number(aside, CELL_SIZE, band->reserved, p->style->bytes);
	bool has_aside = band->reserved > 0 && band->type != BAND_MODULE;

	if (used_len == 0 && !has_aside)
		return NULL;
	return mem_format("%.*s%s%s%.*s%s", (int)used_len, used, used_len > 0 ? " used" : "",
			  used_len > 0 && has_aside ? ", " : "", has_aside ? (int)aside_len : 0, aside,
			  !has_aside		   ? "" :
			  band->type == BAND_STACK ? " guard" :
						     " set aside");
}

/* The path of a module; its parts have the bars. */
static void put_path(struct picture *p, const struct band *band)
{
	const struct object *object = region_name(p->strip.space, band_region(&p->strip, band, 0));
	_cleanup_free_ char *path = object ? text_escape(object->name, object->name_len, TEXT_TABLE) : NULL;

	if (path)
		put_beside(p, path, false);
	out_char(p->out, '\n');
}

static void put_bar_line(struct picture *p, const struct band *band)
{
	_cleanup_free_ char *text = remark(p, band);
	size_t width = put_bar(p, band);

	if (text && width + 1 + strlen(text) <= p->bar_width) {
		out_char(p->out, ' ');
		out_str(p->out, text);
		out_char(p->out, '\n');
		return;
	}
	out_char(p->out, '\n');
	if (text)
		put_note(p, RAIL_BAND, text);
}

static void put_columns(struct picture *p, const struct band_row *row, uint64_t size)
{
	const struct band *band = &row->band;
	char address[OUT_SHORT];
	size_t len = band->type == BAND_GAP ? 0 : digits_format_hex(address, band->start);
	size_t excess = len > p->address_width ? len - p->address_width : 0;
	size_t spare = p->size_width - MIN(p->size_width, size_width(p, size));

	put_right(p, address, len, p->address_width);
	put_size(p, size, p->size_width - MIN(excess, spare));
	excess -= MIN(excess, spare);
	if (p->resident_width > 0 && band->type != BAND_GAP)
		put_size(p, band_resident(p, band), p->resident_width);
	else if (p->resident_width > 0)
		out_fill(p->out, ' ', p->resident_width + 1);
	put_label(p, row, p->label_width - MIN(excess, p->label_width - LABEL_MIN / 2));
	out_char(p->out, ' ');
}

static void put_gap(struct picture *p, const struct band_row *row)
{
	const struct band *gap = &row->band;
	char hidden[OUT_SHORT];
	_cleanup_free_ char *also = NULL;

	put_columns(p, row, gap->size > 0 ? gap->size : gap->hidden);
	put_rail(p, RAIL_GAP);
	if (gap->is_out_of_reach)
		put_beside(p, "out of the process's reach", true);
	if (gap->hidden > 0 && gap->size > 0) {
		also = mem_format("and %.*s not shown",
				  (int)format_number(hidden, CELL_SIZE, gap->hidden, p->style->bytes),
				  hidden);
		put_beside(p, also, true);
	}
	out_char(p->out, '\n');
}

/*
 * Whether the area where mmap(2) allocates begins with row i: right above the gap above the heap, unless
 * that is the main stack.
 */
static bool begins_mmap_area(const struct picture *p, size_t i)
{
	const struct band *band = &row_of(p, i)->band;

	return i >= 2 && row_of(p, i - 2)->band.growth == GROWS_UP &&
	       row_of(p, i - 1)->band.type == BAND_GAP && band->growth == GROWS_NOT &&
	       !is_above_user_space(band->start);
}

static void put_band(struct picture *p, size_t i)
{
	const struct band_row *row = row_of(p, i);
	_cleanup_free_ char *growth = band_growth(&row->band);

	if (begins_mmap_area(p, i))
		put_note(p, RAIL_BAND, "mmap area: libraries and files");
	if (row->band.growth == GROWS_DOWN)
		put_note(p, RAIL_UP, growth);
	if (p->marks)
		table_put_mark(p->out, p->marks[i], p->style);
	if (row->band.type == BAND_GAP) {
		put_gap(p, row);
		return;
	}
	put_columns(p, row, row->band.size);
	put_rail(p, RAIL_BAND);
	(row->band.is_open ? put_path : put_bar_line)(p, &row->band);
	if (row->band.growth == GROWS_UP)
		put_note(p, RAIL_DOWN, growth);
}

static bool has_counters(const struct layout *layout)
{
	for (size_t i = 0; i < layout->n_columns; i++)
		if (layout->columns[i]->needs & NEED_COUNTER)
			return true;
	return false;
}

void render_layout(struct out *out, const struct view *view, const struct layout *layout)
{
	struct picture p = {
		.out = out,
		.view = view,
		.style = layout->style,
		.marks = layout->marks,
		.strip = { .space = view_space(view), .regions = view->regions },
		.has_density = has_counters(layout),
	};

	if (view->rows.n == 0)
		return;
	layout_measure(&p);
	layout_put_headings(&p);
	put_note(&p, RAIL_TOP, "lowest addresses");
	for (size_t i = 0; i < view->rows.n; i++)
		put_band(&p, i);
	put_note(&p, RAIL_END, "highest addresses");
	layout_put_legend(&p);
}
