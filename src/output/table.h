/* SPDX-License-Identifier: MIT */
/*
 * Prints any rows in any columns as a table: measures, then writes. Knows nothing of regions.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/out.h"
#include "views/column.h"
#include "views/view.h"

#define WIDTH_ELSEWHERE 80 /* columns of a picture where there is no terminal; tables have no limit there */

struct table_style {
	bool bytes; /* sizes exact, not in powers of 1024 */
	bool raw;   /* one blank between cells, nothing aligned, every cell one field */
	bool no_headings;
	bool colour;
	bool is_utf8;	  /* pictures may be drawn with more than ASCII */
	size_t width;	  /* columns to fit in; 0: no limit */
	bool has_records; /* a table that does not fit there has a cell a line */
};

struct table {
	const struct column *const *columns;
	size_t n_columns;
	size_t n_yielding; /* the first of them, which may give way to the width */
	/* Rows, of which the columns take the cells; or, when this is NULL, */
	const struct rows *rows;
	/* the cells themselves, row by row. */
	const struct cell *cells;
	size_t n_rows;	      /* of cells */
	bool has_no_sums;     /* rows that sum up the others are left out */
	const uint8_t *marks; /* of rows, by number: enum mark; NULL: there is no room for any */
	bool is_record;	      /* for people, a cell a line, without those that are unknown */
	/* A line to go below a row, which the caller of it frees; may be NULL. */
	char *(*explanation)(const struct row *row);
};

void table_print(struct out *out, const struct table *table, const struct table_style *style);

/* What stands before a row that is new or has changed: MARK_WIDTH columns. */
#define MARK_WIDTH 2
void table_put_mark(struct out *out, enum mark mark, const struct table_style *style);
