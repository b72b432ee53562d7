/* SPDX-License-Identifier: MIT */
/*
 * Cells as text: numbers in their notation, names made safe to print.
 */
#pragma once

#include "base/out.h"
#include "output/table.h"

/* One cell, ready to be written. */
struct cell_text {
	const char *text; /* buf, `owned`, the cell's text or a constant */
	size_t len, width;
	char *owned;
	char buf[OUT_SHORT];
};

/* Fills *p, which must not be moved. The caller frees p->owned. */
void format_cell(struct cell_text *p, enum cell_type type, const struct cell *cell,
		 const struct table_style *style);

size_t cell_width(enum cell_type type, const struct cell *cell, const struct table_style *style);

/* Writes at most OUT_SHORT characters, and returns how many. */
size_t format_number(char *buf, enum cell_type type, uint64_t number, bool bytes);
