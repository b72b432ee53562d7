/* SPDX-License-Identifier: MIT */
/*
 * The few shapes that pictures are made of, as SVG. Lengths are in pixels, of which hundredths are written; their
 * notation does not depend on the locale.
 */
#pragma once

#include <stddef.h>

#include "base/out.h"

struct svg_box {
	double x, y, width, height;
};

/* To hundredths, as lengths are written: what ends where another one begins does so when it is drawn. */
double svg_round(double length);

/* A rectangle of these classes of the style sheet. */
void svg_rect(struct out *out, const char *classes, const struct svg_box *box);

/*
 * A line of text, any bytes, that begins at x on the base line y and is shortened to `width`; none where not even a few
 * characters fit. `size`: of the font, as its class has it.
 */
void svg_text(struct out *out, const char *classes, double x, double y, double width, double size,
	      const char *text, size_t len);

/* The width that a text takes at most, whatever the font is. */
double svg_text_width(const char *text, size_t len, double size);

/* A group that is an item of a list for screen readers; its title is written next. */
void svg_open_item(struct out *out);
void svg_begin_shapes(struct out *out);
void svg_close_item(struct out *out);

/* A list of such items, with its name. */
void svg_open_list(struct out *out, const char *name);
void svg_close_list(struct out *out);

/* An address. */
void svg_hex(struct out *out, uint64_t address);

/* For titles: a size as "1.1M", and with all digits behind it as "1.1M (1196032 bytes)". */
void svg_size(struct out *out, uint64_t bytes);
void svg_exact_size(struct out *out, uint64_t bytes);
