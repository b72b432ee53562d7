/* SPDX-License-Identifier: MIT */
/*
 * The columns of one table: how wide each is, and which give way if the terminal is narrow.
 */
#pragma once

#include "output/cell_text.h"

struct field {
	const struct column *column;
	size_t index; /* in table->columns */
	enum cell_type type;
	bool is_text; /* aligned left; numbers are aligned right */
	bool is_signed;
	bool is_plain; /* plain text in it only has to be aligned */
	bool grows;    /* larger numbers are wider */
	size_t start, width;
	uint64_t largest, last; /* of the numbers measured so far, or UNKNOWN */
	uint64_t n_far;		/* addresses in the kernel's half, and the largest of them */
	uint64_t largest_far;
	uint64_t shown; /* the last number written, or UNKNOWN, */
	size_t len;	/* and its text: neighbours are often alike */
	char text[OUT_SHORT];
	/* The column to the right, if both hold addresses: where a range ends, the next one mostly begins. */
	const struct field *ends;
};

struct fields {
	struct field *items; /* owned */
	size_t n;
	bool fit; /* they fit into the terminal, or there is no limit */
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

/* One field for each column, with no width yet. */
void fields_init(struct fields *fields, const struct table *table, const struct table_style *style);
void fields_done(struct fields *fields);

/* Makes fields as wide as their cells, and then fits them into the terminal, if there is one. */
void fields_measure(struct fields *fields, const struct table *table, const struct table_style *style);
