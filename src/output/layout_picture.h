/* SPDX-License-Identifier: MIT */
/*
 * What the parts of a --layout picture share: the widths of its columns, and the lines above and below
 * the strip.
 */
#pragma once

#include "analysis/layout.h"
#include "output/bar.h"
#include "output/cell_text.h"
#include "views/rows.h"
#include "views/views.h"

#define BAR_CUT '>'  /* ends a bar that is too long for its columns */
#define LABEL_MIN 11 /* columns of a label, however narrow the terminal is */

/* A picture that is being drawn. */
struct picture {
	struct out *out;
	const struct view *view;
	const struct table_style *style;
	const uint8_t *marks;
	struct strip strip; /* without its bands, which the rows have */
	bool has_density;   /* bars show what is in memory */
	/* Widths of the columns; a blank follows each. */
	size_t indent, address_width, size_width, label_width, bar_width;
	size_t resident_width; /* 0: no such column */
	struct bar_legend legend;
	bool is_folded, has_cut_bars;
};

static inline const struct band_row *row_of(const struct picture *p, size_t i)
{
	return rows_get(&p->view->rows, i).data;
}

/* Sets the widths and the scale to suit the rows and the width of the terminal. */
void layout_measure(struct picture *p);

/* The column of the strip's left edge. */
size_t rail_at(const struct picture *p);

/* How many columns a size takes. */
size_t size_width(const struct picture *p, uint64_t size);

/* Resident bytes of a band, or UNKNOWN. */
uint64_t band_resident(const struct picture *p, const struct band *band);

/* Writes text, aligned right in `width` columns, and a blank. */
void put_right(struct picture *p, const char *text, size_t len, size_t width);

/* The first line: names of columns, and marks of the scale above the bars. */
void layout_put_headings(struct picture *p);

/* The last lines: the scale, and what p->legend, p->is_folded and p->has_cut_bars say was drawn. */
void layout_put_legend(struct picture *p);
