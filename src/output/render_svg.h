/* SPDX-License-Identifier: MIT */
/*
 * Pictures of memory as one SVG document, which needs nothing beside it: no script, no font, no other file.
 */
#pragma once

#include "base/out.h"
#include "views/view.h"

/*
 * Draws the regions of a view: what they come to by kind, name and section, each as wide as it has bytes of `measure`
 * (MEASURE_SIZE, or a counter, for which sizes stand in where it is not known); and the address space from low to
 * high addresses.
 */
void render_svg(struct out *out, const struct view *view, enum counter measure);

/* Draws what differs between the two spaces of a view, spaces[1], the old one, and spaces[0]. */
void render_svg_changes(struct out *out, const struct view *view, enum counter measure);
