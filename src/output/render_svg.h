/* SPDX-License-Identifier: MIT */
/*
 * Pictures of memory as one self-contained SVG document: no script, no font, no other file.
 */
#pragma once

#include "base/out.h"
#include "views/view.h"

/*
 * Draws the regions of a view: their sums by kind, name and section, with widths by `measure` (MEASURE_SIZE,
 * or a counter; sizes are drawn if nothing is known of the counter); and the address space from low to high
 * addresses.
 */
void render_svg(struct out *out, const struct view *view, enum counter measure);

/* Draws the difference between the two spaces of a view: spaces[1], the old one, and spaces[0]. */
void render_svg_changes(struct out *out, const struct view *view, enum counter measure);
