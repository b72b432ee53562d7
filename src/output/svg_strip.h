/* SPDX-License-Identifier: MIT */
/*
 * An address space as a column of boxes, low addresses on top, each with a label beside it.
 */
#pragma once

#include "analysis/layout.h"
#include "output/svg.h"

/* The height of what svg_strip() draws, in units of the picture. */
double svg_strip_height(const struct strip *strip);

/* Draws it; (x, y) is the top left corner. The text beside it reaches to x + width. */
void svg_strip(struct out *out, const struct strip *strip, double x, double y, double width);
