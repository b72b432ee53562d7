/* SPDX-License-Identifier: MIT */
/*
 * A memory tree as an icicle: all memory on top, then kinds, names and sections, each as wide as its bytes.
 */
#pragma once

#include "analysis/memory_tree.h"
#include "output/svg.h"

double svg_icicle_height(void);

/*
 * Draws it; (x, y) is the top left corner. Neighbours that are too narrow to be seen share a box. `what`: a
 * word for the bytes, such as "resident".
 */
void svg_icicle(struct out *out, const struct memory_tree *tree, double x, double y, double width,
		const char *what);
