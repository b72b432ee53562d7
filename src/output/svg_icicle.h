/* SPDX-License-Identifier: MIT */
/*
 * A tree of memory as an icicle: all of it on top, below it kinds, names and sections, each as wide as it has bytes.
 */
#pragma once

#include "analysis/memory_tree.h"
#include "output/svg.h"

/* How high it is. */
double svg_icicle_height(void);

/*
 * Draws it from (x, y) on. What is too narrow to be seen is one box together with its like. `what`: what the bytes
 * are, in words, as "resident".
 */
void svg_icicle(struct out *out, const struct memory_tree *tree, double x, double y, double width,
		const char *what);
