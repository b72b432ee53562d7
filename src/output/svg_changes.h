/* SPDX-License-Identifier: MIT */
/*
 * A difference as bars on both sides of an axis: what has shrunk to the left, what has grown to the right.
 */
#pragma once

#include "analysis/tree_changes.h"
#include "output/svg.h"

/* A line: a kind, a name in it, or the sum of its names whose changes are too small or too many to show. */
struct change_line {
	struct tree_change change; /* its strings are borrowed */
	size_t n;		   /* how many changes it sums up */
};

struct change_lines {
	const struct tree_changes *changes; /* borrowed */
	struct change_line *items;
	size_t n, cap;
	uint64_t largest;   /* change of a line: its bar has the full length */
	unsigned unchanged; /* kinds without a line: bits 1 << KIND_… */
};

/* The caller frees the lines with change_lines_done(). */
void change_lines_build(struct change_lines *lines, const struct tree_changes *changes);
void change_lines_done(struct change_lines *lines);

/* The height of what svg_changes() draws, in units of the picture. */
double svg_changes_height(const struct change_lines *lines);

/*
 * Draws the kinds of each side, and the lines below them. (x, y) is the top left corner. `what`: a word for
 * the bytes, such as "resident".
 */
void svg_changes(struct out *out, const struct change_lines *lines, double x, double y, double width,
		 const char *what);
