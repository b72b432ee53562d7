/* SPDX-License-Identifier: MIT */
/*
 * A difference as bars on both sides of an axis: what has less to the left, what has more to the right.
 */
#pragma once

#include "analysis/tree_changes.h"
#include "output/svg.h"

/* A line: a kind, a name in it, or all names whose changes are too small, or too many, to be shown. */
struct change_line {
	struct tree_change change; /* what it points to is borrowed */
	size_t n;		   /* how many it is of */
};

struct change_lines {
	const struct tree_changes *changes; /* borrowed */
	struct change_line *items;
	size_t n, cap;
	uint64_t largest;   /* change of a line: its bar is as long as can be */
	unsigned unchanged; /* kinds without a line: bits 1 << KIND_… */
};

/* The caller ends them with change_lines_done(). */
void change_lines_build(struct change_lines *lines, const struct tree_changes *changes);
void change_lines_done(struct change_lines *lines);

/* The height of what svg_changes() draws, in units of the picture. */
double svg_changes_height(const struct change_lines *lines);

/*
 * Draws the kinds of each side, and the lines below them, from (x, y), the left upper corner. `what`: what the
 * bytes are, in words, as "resident".
 */
void svg_changes(struct out *out, const struct change_lines *lines, double x, double y, double width,
		 const char *what);
