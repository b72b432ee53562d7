/* SPDX-License-Identifier: MIT */
/*
 * What of an address space is shown, and in which order; and the totals of just that.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/request.h"
#include "model/space.h"
#include "views/column.h"

struct view;

struct view_spec {
	struct selection selection;
	void (*collect)(struct view *view); /* sets the rows; NULL: a row a region */
	bool demangles;			    /* names of C++ and Rust are shown readable */
	const struct column *sort;	    /* NULL: as collected; by address, where rows have one */
	bool is_descending;
};

/* What a number of regions come to: those of a kind, or of one name. */
struct total {
	enum kind kind;		     /* N_KINDS: all of them */
	const struct object *object; /* memory that its owner has named; else NULL */
	uint64_t regions, size, padding;
	uint64_t *usage; /* sums, by slot of space->facts.usage; UNKNOWN where nothing was known */
};

struct view {
	const struct space *space;
	uint32_t *regions; /* those that are shown, by index */
	size_t n_regions;
	struct total totals[N_KINDS + 1]; /* of these, by kind; the last one is the sum */
	struct total *named;		  /* by name, in the order of their first regions */
	size_t n_named, cap_named;
	uint64_t *total_usage; /* what totals[].usage point into */

	/* The rows: elements of an array, in the order in which they are shown. */
	const void *array;
	size_t row_size;
	uint32_t *rows; /* NULL: all of them, in order */
	size_t n_rows;
	size_t n_sums; /* rows at the end that sum up the others, and stay there */
	void *owned;   /* the array, where it was made for the view, */
	char **texts;  /* and texts that were made for it */
	size_t n_texts, cap_texts;
	bool demangles;
};

static inline const void *view_row(const struct view *view, size_t i)
{
	return (const char *)view->array + (view->rows ? view->rows[i] : i) * view->row_size;
}

/* `as` must outlive the view. The caller frees what the view holds with view_done(). */
void view_build(struct view *view, const struct space *space, const struct view_spec *spec);
void view_done(struct view *view);

/* For collect(): all `n` elements of an array are the rows. `owned`: the view frees it. */
void view_set_rows(struct view *view, const void *array, size_t row_size, size_t n, void *owned);

/* The view frees the text, which may be NULL, with itself. */
char *view_keep(struct view *view, char *text);

/*
 * The figures of each module, all its regions together: space->judgement.n_modules rows of space->facts.usage.n_slots. The
 * caller frees them.
 */
uint64_t *view_module_usage(const struct space *space);

/* Adds up figures, each over those that are known: n sums, UNKNOWN at first, and n values. */
void view_add_usage(uint64_t *sum, const uint64_t *values, size_t n);
