/* SPDX-License-Identifier: MIT */
/*
 * Cells as text: numbers in their notation, names made safe.
 */
#pragma once

#include "base/out.h"
#include "output/table.h"

/* One cell, ready to be written. */
struct cell_text {
	const char *text; /* in buf, in `owned`, or the cell's own */
	size_t len, width;
	char *owned;
	char buf[OUT_SHORT];
};

/* Fills *p, which must not be moved; free p->owned. */
void format_cell(struct cell_text *p, enum cell_type type, const struct cell *cell,
		 const struct table_style *style);

size_t cell_width(enum cell_type type, const struct cell *cell, const struct table_style *style);

/* At most OUT_SHORT characters. */
size_t format_number(char *buf, enum cell_type type, uint64_t number, bool bytes);
