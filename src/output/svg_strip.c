/* SPDX-License-Identifier: MIT */
#include "output/svg_strip.h"

#include <stdlib.h>

#include "analysis/band_label.h"
#include "base/mem.h"
#include "base/text.h"
#include "output/xml.h"

#define FONT 12
#define ADDRESS_FONT 11
#define HEAD 20		   /* of the line above the boxes */
#define LOW 18		   /* the lowest box */
#define HIGHER 40	   /* how much higher the box of the largest band is */
#define HIGHER_IN_CROWD 14 /* likewise, among more than CROWD bands */
#define CROWD 60
#define SMALL_BITS 16 /* sizes of up to so many bits get the lowest box */
#define BAR 4	      /* height of the bar of resident memory */
#define BASE_LINE 13
#define ROW_GAP 1

/* Where things are, from the left edge. */
#define ADDRESS_END 112
#define BOX 124
#define BOX_WIDTH 240
#define LABEL 376
#define LABEL_WIDTH 316
#define SIZE_END 752
#define RESIDENT_END 828
#define REMARK 844

struct drawing {
	struct out *out;
	const struct strip *strip;
	double x, width;
	const struct band *module; /* whose parts follow, or NULL */
};

static unsigned bits(uint64_t number)
{
	return number == 0 ? 0 : 64 - (unsigned)__builtin_clzll(number);
}

/* An open band takes no row: its parts do. */
static double row_height(const struct strip *strip, const struct band *band)
{
	unsigned most = bits(strip->largest);
	unsigned higher = strip->n > CROWD ? HIGHER_IN_CROWD : HIGHER;
	unsigned of_it = MIN(bits(band->size), most);

	if (band->is_open)
		return 0;
	if (band->type == BAND_GAP || of_it <= SMALL_BITS)
		return LOW;
	return LOW + (double)(higher * (of_it - SMALL_BITS)) / (most - SMALL_BITS);
}

double svg_strip_height(const struct strip *strip)
{
	double height = HEAD;

	for (size_t i = 0; i < strip->n; i++)
		height += row_height(strip, &strip->bands[i]);
	return height;
}

static uint64_t resident(const struct drawing *d, const struct band *band)
{
	return band->type == BAND_GAP ? UNKNOWN : band_counter(d->strip, band, COUNTER_RSS);
}

/* The caller frees the label, and likewise the remark. */
static char *label_of(const struct drawing *d, const struct band *band)
{
	_cleanup_free_ char *label = band_label(d->strip, band);
	_cleanup_free_ char *module = band->depth > 0 && d->module ? band_label(d->strip, d->module) : NULL;

	return module ? mem_format("%s: %s", module, label) : steal_text(&label);
}

static char *remark_on(const struct band *band)
{
	char size[OUT_SHORT];
	char *growth = band_growth(band);

	if (growth)
		return growth;
	if (band->used != UNKNOWN)
		return mem_format("%.*s used", (int)text_size(size, band->used), size);
	if (band->type != BAND_GAP && band->reserved > 0)
		return mem_format("and %.*s reserved", (int)text_size(size, band->reserved), size);
	return NULL;
}

/* ---- facts ---- */

static void put_counter(const struct drawing *d, uint64_t bytes, const char *what)
{
	if (bytes == UNKNOWN)
		return;
	out_str(d->out, ", ");
	svg_size(d->out, bytes);
	out_char(d->out, ' ');
	out_str(d->out, what);
}

static void put_sizes(const struct drawing *d, const struct band *band)
{
	uint64_t sizes[N_KINDS];

	band_sizes(d->strip, band, sizes);
	for (enum kind k = 0; k < N_KINDS; k++)
		if (sizes[k] > 0)
			put_counter(d, sizes[k], kinds[k].name);
}

static void put_title(const struct drawing *d, const struct band *band, const char *label, const char *remark)
{
	struct out *out = d->out;

	svg_hex(out, band->start);
	out_char(out, '-');
	svg_hex(out, band->end);
	out_char(out, ' ');
	xml_text(out, label, strlen(label));
	out_str(out, ": ");
	svg_exact_size(out, band->size);
	if (band->type != BAND_GAP) {
		put_counter(d, resident(d, band), "resident");
		put_counter(d, band_counter(d->strip, band, COUNTER_SWAP), "swapped");
		if (band->kind == N_KINDS)
			put_sizes(d, band);
	}
	if (band->sp != UNKNOWN) {
		out_str(out, ", stack pointer ");
		svg_hex(out, band->sp);
	}
	if (remark) {
		out_str(out, ", ");
		out_str(out, remark);
	}
}

/* ---- shapes ---- */

static void draw_part(const struct drawing *d, const char *class, struct svg_box *box, double share)
{
	double end = svg_round(box->x + share);

	box->width = end - box->x;
	svg_rect(d->out, class, box);
	box->x = end;
}

/* Its kinds side by side. Address space that is only set aside is left out: it would dwarf the rest. */
static void draw_kinds(const struct drawing *d, const struct band *band, struct svg_box box)
{
	uint64_t sizes[N_KINDS];
	double whole = 0;

	band_sizes(d->strip, band, sizes);
	if (band->reserved > 0)
		sizes[KIND_RESERVED] = sizes[KIND_GUARD] = 0;
	for (enum kind k = 0; k < N_KINDS; k++)
		whole += (double)sizes[k];
	for (enum kind k = 0; k < N_KINDS; k++) {
		char class[32];

		snprintf(class, sizeof(class), "box k-%s", kinds[k].name);
		if (sizes[k] > 0)
			draw_part(d, class, &box, BOX_WIDTH * ((double)sizes[k] / whole));
	}
}

static void draw_bar(const struct drawing *d, const struct svg_box *box, uint64_t bytes, uint64_t size)
{
	struct svg_box bar = { box->x, box->y + box->height - BAR, box->width, BAR };

	svg_rect(d->out, "track", &bar);
	bar.width = svg_round(box->width * ((double)MIN(bytes, size) / (double)size));
	if (bar.width > 0)
		svg_rect(d->out, "resident", &bar);
}

static void draw_box(const struct drawing *d, const struct band *band, double y, double height)
{
	struct svg_box box = { d->x + BOX, y, BOX_WIDTH, height - ROW_GAP };
	uint64_t bytes = resident(d, band);

	if (band->type == BAND_GAP) {
		box.height -= ROW_GAP;
		svg_rect(d->out, "gap", &box);
		return;
	}
	draw_kinds(d, band, box);
	if (bytes != UNKNOWN && band->size > 0)
		draw_bar(d, &box, bytes, band->size);
}

static void draw_size(const struct drawing *d, double end, double y, const char *class, uint64_t bytes)
{
	char buf[OUT_SHORT];

	if (bytes != UNKNOWN)
		svg_text(d->out, class, d->x + end, y, end, FONT, buf, text_size(buf, bytes));
}

static void draw_texts(const struct drawing *d, const struct band *band, double y, const char *label,
		       const char *remark)
{
	const char *class = band->type == BAND_GAP ? "muted" : "label";
	const char *figure = band->type == BAND_GAP ? "muted right" : "right";
	char address[DIGITS_HEX_MAX];

	svg_text(d->out, "address", d->x + ADDRESS_END, y, DIGITS_HEX_MAX * ADDRESS_FONT, ADDRESS_FONT,
		 address, digits_format_hex(address, band->start));
	svg_text(d->out, class, d->x + LABEL, y, LABEL_WIDTH, FONT, label, strlen(label));
	draw_size(d, SIZE_END, y, figure, band->size);
	draw_size(d, RESIDENT_END, y, figure, resident(d, band));
	if (remark)
		svg_text(d->out, "muted", d->x + REMARK, y, d->width - REMARK, FONT, remark, strlen(remark));
}

static void draw_band(const struct drawing *d, const struct band *band, double y)
{
	_cleanup_free_ char *label = label_of(d, band);
	_cleanup_free_ char *remark = remark_on(band);

	svg_open_item(d->out);
	put_title(d, band, label, remark);
	svg_begin_shapes(d->out);
	draw_box(d, band, y, row_height(d->strip, band));
	draw_texts(d, band, y + BASE_LINE, label, remark);
	svg_close_item(d->out);
}

static void draw_head(const struct drawing *d, double y)
{
	bool has_figures = usage_has(&d->strip->space->facts.usage, COUNTER_RSS);
	const struct {
		const char *text, *class;
		double x;
	} heads[] = {
		{ "from", "muted right", ADDRESS_END },
		{ has_figures ? "kinds; dark: what is resident" : "kinds", "muted", BOX },
		{ "what is there", "muted", LABEL },
		{ "size", "muted right", SIZE_END },
		{ "resident", "muted right", RESIDENT_END },
	};

	for (size_t i = 0; i < ARRAY_SIZE(heads) - !has_figures; i++)
		svg_text(d->out, heads[i].class, d->x + heads[i].x, y, LABEL_WIDTH, FONT, heads[i].text,
			 strlen(heads[i].text));
}

void svg_strip(struct out *out, const struct strip *strip, double x, double y, double width)
{
	struct drawing d = { out, strip, x, width, NULL };

	draw_head(&d, y + BASE_LINE - 2);
	svg_open_list(out, "Address space, low to high");
	y += HEAD;
	for (size_t i = 0; i < strip->n; i++) {
		const struct band *band = &strip->bands[i];

		if (band->depth == 0)
			d.module = band->is_open ? band : NULL;
		if (band->is_open)
			continue;
		draw_band(&d, band, svg_round(y));
		y += row_height(strip, band);
	}
	svg_close_list(out);
}
