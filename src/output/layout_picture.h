/* SPDX-License-Identifier: MIT */
/*
 * What the parts of a picture of --layout share: how wide its columns are, and what stands above and below the strip.
 */
#pragma once

#include "analysis/layout.h"
#include "output/bar.h"
#include "output/cell_text.h"
#include "views/rows.h"
#include "views/views.h"

#define BAR_CUT '>'  /* at the end of a bar that would be longer than all columns */
#define LABEL_MIN 11 /* columns of a label, in however narrow a terminal */

/* A picture in the making. */
struct picture {
	struct out *out;
	const struct view *view;
	const struct table_style *style;
	const uint8_t *marks;
	struct strip strip; /* without its bands: these are rows */
	bool has_density;   /* bars show what is in memory */
	/* Columns, each with a blank behind it. */
	size_t indent, address_width, size_width, label_width, bar_width;
	size_t resident_width; /* 0: there is none */
	struct bar_legend legend;
	bool is_folded, has_cut_bars;
};

static inline const struct band_row *row_of(const struct picture *p, size_t i)
{
	return rows_get(&p->view->rows, i).data;
}

/* Sets its columns and its scale, by the rows and the width of the terminal. */
void layout_measure(struct picture *p);

/* The column of the strip's left side. */
size_t rail_at(const struct picture *p);

/* The columns that a size takes. */
size_t size_width(const struct picture *p, uint64_t size);

/* Bytes of a band that are in memory, or UNKNOWN. */
uint64_t band_resident(const struct picture *p, const struct band *band);

/* A text that ends with its column, and a blank. */
void put_right(struct picture *p, const char *text, size_t len, size_t width);

/* The line above all others: names of columns, and marks of the scale above the bars. */
void layout_put_headings(struct picture *p);

/* Below all others: the scale, and what was drawn of `p->legend`, `p->is_folded` and `p->has_cut_bars`. */
void layout_put_legend(struct picture *p);
