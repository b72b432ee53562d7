/* SPDX-License-Identifier: MIT */
/*
 * The few shapes that pictures are made of, as SVG. Lengths are in pixels and written to hundredths; their
 * notation does not depend on the locale.
 */
#pragma once

#include <stddef.h>

#include "base/out.h"

struct svg_box {
	double x, y, width, height;
};

/* Rounds to hundredths, as lengths are written: boxes that touch also touch when they are drawn. */
double svg_round(double length);

/* A rectangle with these classes of the style sheet. */
void svg_rect(struct out *out, const char *classes, const struct svg_box *box);

/*
 * A line of text, any bytes, at x on the baseline y, shortened to `width`. Draws nothing if not even a few
 * characters fit. `size`: the font size of its class.
 */
void svg_text(struct out *out, const char *classes, double x, double y, double width, double size,
	      const char *text, size_t len);

/* An upper limit for the width of a text, whatever the font is. */
double svg_text_width(const char *text, size_t len, double size);

/* A group that screen readers see as an item of a list. The caller writes its title next. */
void svg_open_item(struct out *out);
void svg_begin_shapes(struct out *out);
void svg_close_item(struct out *out);

/* A list of such items, with a name. */
void svg_open_list(struct out *out, const char *name);
void svg_close_list(struct out *out);

void svg_hex(struct out *out, uint64_t address);

/* For titles: a size as "1.1M", and with the exact number as "1.1M (1196032 bytes)". */
void svg_size(struct out *out, uint64_t bytes);
void svg_exact_size(struct out *out, uint64_t bytes);
