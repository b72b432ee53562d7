/* SPDX-License-Identifier: MIT */
/*
 * The columns of one table: how wide each is, and which of them give way where a terminal is narrow.
 */
#pragma once

#include "output/cell_text.h"

struct field {
	const struct column *column;
	size_t index; /* in table->columns */
	enum cell_type type;
	bool is_text; /* stands left; numbers stand right */
	bool is_signed;
	bool is_plain; /* text that, where it is plain, only has to be aligned */
	bool grows;    /* the larger a number, the wider it is */
	size_t start, width;
	uint64_t largest, last; /* of the numbers that have been measured, or UNKNOWN */
	uint64_t n_far;		/* addresses in the kernel's half, and the largest of them */
	uint64_t largest_far;
	uint64_t shown; /* the number that was written last, or UNKNOWN, */
	size_t len;	/* and its text: neighbours are often alike */
	char text[OUT_SHORT];
	/* The column to the right, of addresses, too: where a range ends the next one mostly begins. */
	const struct field *ends;
};

struct fields {
	struct field *items; /* owned */
	size_t n;
	bool fit; /* into the terminal, or nothing has to */
};

static inline size_t table_n_rows(const struct table *table)
{
	if (!table->rows)
		return table->n_rows;
	return table->rows->n - (table->has_no_sums ? table->rows->n_sums : 0);
}

static inline struct row table_row(const struct table *table, size_t i)
{
	return table->rows ? rows_get(table->rows, i) :
			     (struct row){ .data = table->cells + i * table->n_columns };
}

static inline struct cell table_cell(const struct table *table, const struct row *row,
				     const struct field *field)
{
	return table->rows ? column_cell(field->column, row) : ((const struct cell *)row->data)[field->index];
}

/* One for each column, with no width. */
void fields_init(struct fields *fields, const struct table *table, const struct table_style *style);
void fields_done(struct fields *fields);

/* As wide as their cells; in a terminal, as they fit into it. */
void fields_measure(struct fields *fields, const struct table *table, const struct table_style *style);
