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

#define WIDTH_ELSEWHERE 80 /* columns of a picture without a terminal; tables have no limit then */

struct table_style {
	bool bytes; /* exact sizes, not in powers of 1024 */
	bool raw;   /* one blank between cells, nothing aligned, every cell one field */
	bool no_headings;
	bool colour;
	bool is_utf8;	  /* pictures may use more than ASCII */
	size_t width;	  /* columns to fit into; 0: no limit */
	bool has_records; /* a table that does not fit `width` has one cell per line */
};

struct table {
	const struct column *const *columns;
	size_t n_columns;
	size_t n_yielding; /* how many of the first columns may be dropped to fit `width` */
	/* Rows from which the columns take their cells; or, if this is NULL, */
	const struct rows *rows;
	/* the cells themselves, row by row. */
	const struct cell *cells;
	size_t n_rows;	      /* of `cells` */
	bool has_no_sums;     /* rows that sum up the others are left out */
	const uint8_t *marks; /* enum mark of each row; NULL: no room for marks */
	bool is_record;	      /* for people: one cell per line, without unknown ones */
	/* Makes the line to go below a row, which its caller frees; may be NULL. */
	char *(*explanation)(const struct row *row);
};

void table_print(struct out *out, const struct table *table, const struct table_style *style);

/* Marks a row that is new or has changed, else writes blanks: MARK_WIDTH columns. */
#define MARK_WIDTH 2
void table_put_mark(struct out *out, enum mark mark, const struct table_style *style);
