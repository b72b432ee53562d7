/* SPDX-License-Identifier: MIT */
/*
 * The document around a picture: its size, its style sheet, and of what it is.
 */
#pragma once

#include "output/svg.h"
#include "views/view.h"

#define PAGE_WIDTH 1200
#define PAGE_MARGIN 16
#define PAGE_INNER (PAGE_WIDTH - 2 * PAGE_MARGIN)
#define PAGE_SPACE 24	/* between parts */
#define PAGE_HEADING 32 /* of a heading, with the space around it */
#define PAGE_FONT 12

/* Begins a page of what a view shows; `height`: of all that will be drawn. Returns where that begins. */
double svg_page_begin(struct out *out, const struct view *view, double height);

/* Returns where what the heading is of begins. */
double svg_page_heading(struct out *out, const char *text, double y);
void svg_page_end(struct out *out);
