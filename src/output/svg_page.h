/* SPDX-License-Identifier: MIT */
/*
 * The document around a picture: its size, its style sheet, and lines on what it shows.
 */
#pragma once

#include "output/svg.h"
#include "views/view.h"

#define PAGE_WIDTH 1200
#define PAGE_MARGIN 16
#define PAGE_INNER (PAGE_WIDTH - 2 * PAGE_MARGIN)
#define PAGE_SPACE 24	/* between parts */
#define PAGE_HEADING 32 /* height of a heading, with the space around it */
#define PAGE_FONT 12

/* Begins the page of a view. `height`: of all that the caller will draw. Returns the y where that begins. */
double svg_page_begin(struct out *out, const struct view *view, double height);

/* Returns the y below the heading. */
double svg_page_heading(struct out *out, const char *text, double y);
void svg_page_end(struct out *out);
