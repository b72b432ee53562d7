/* SPDX-License-Identifier: MIT */
/*
 * What of address spaces is shown, and in which order; and the totals of just that. Most views
 * are of one address space; a view of more than one brings its own rows.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/request.h"
#include "model/space.h"
#include "views/column.h"

struct view;
struct rows;

/* Of a row, since the view was taken before. */
enum mark { MARK_NONE, MARK_NEW, MARK_CHANGED, N_MARKS };

#define SORT_KEYS_MAX 8

struct sort_key {
	const struct column *column;
	bool is_descending;
};

struct view_spec {
	struct selection selection;
	bool demangles;	     /* names of C++ and Rust are shown readable */
	bool is_full;	     /* no rows are folded into one */
	bool shows_contents; /* bytes of the heap, which may be secret */
	enum severity least; /* of findings that are shown */
	/* The first one that tells two rows apart counts; none: as collected, by address where rows have one. */
	struct sort_key sort[SORT_KEYS_MAX];
	size_t n_sort;
	/* Sets the rows, beginning with none of this view; NULL: a row a region. */
	void (*collect)(const struct view *view, struct rows *rows);
};

/* What a number of regions come to: those of a kind, or of one name. */
struct total {
	enum kind kind;		     /* N_KINDS: all of them */
	const struct object *object; /* memory that its owner has named; else NULL */
	uint64_t regions, size, padding;
	uint64_t *usage; /* sums, by slot of space->facts.usage; UNKNOWN where nothing was known */
};

/*
 * Rows: elements of an array, in the order in which they are shown. They own all that they point
 * to, save for an array that the model has.
 */
struct rows {
	const struct view *view;
	const void *array;
	size_t row_size;
	uint32_t *order; /* elements; NULL: all of them, as they are */
	size_t n;
	bool is_unknown;  /* they were asked for, and could not be read */
	bool are_unsure;  /* of findings: what could not be read may show that none is one */
	size_t n_sums;	  /* rows at the end that sum up the others, and stay there */
	uint32_t *spaces; /* of each element, which of the view's spaces; NULL: the first */
	void *owned;	  /* the array, where it was made for them, */
	char **texts;	  /* and texts that were made for it */
	size_t n_texts, cap_texts;
};

struct view {
	const struct space *const *spaces; /* borrowed */
	size_t n_spaces;
	const struct selection *selection; /* of what is shown; borrowed */

	/* Of the first: */
	uint32_t *regions; /* those that are shown, by index, in the order of addresses */
	size_t n_regions;
	struct total totals[N_KINDS + 1]; /* of these, by kind; the last one is the sum */
	struct total *named;		  /* by name, in the order of their first regions */
	size_t n_named, cap_named;
	uint64_t *total_usage; /* what totals[].usage point into */

	bool demangles, is_full, shows_contents; /* as in struct view_spec */
	enum severity least;
	struct rows rows;
};

/* The address space of a view of one. */
static inline const struct space *view_space(const struct view *view)
{
	return view->spaces[0];
}

/* Whether a snapshot has no such part: one of JSON_*. Sums follow from regions. */
static inline bool view_lacks(const struct view *view, unsigned part)
{
	const struct saved *saved = view_space(view)->facts.saved;

	return saved && !(saved->parts & (part | (part & JSON_TOTALS ? JSON_REGIONS : 0u)));
}

/* Whether a snapshot that the view is of has no regions: then there is nothing to compare. */
static inline bool view_lacks_regions(const struct view *view)
{
	for (size_t i = 0; i < view->n_spaces; i++)
		if (lacks_regions(&view->spaces[i]->facts))
			return true;
	return false;
}

/* An element of the array, shown or not, and the i-th row. */
static inline struct row rows_element(const struct rows *rows, size_t element)
{
	return (struct row){
		.data = (const char *)rows->array + element * rows->row_size,
		.space = rows->view->spaces[rows->spaces ? rows->spaces[element] : 0],
		.view = rows->view,
	};
}

static inline struct row rows_get(const struct rows *rows, size_t i)
{
	return rows_element(rows, rows->order ? rows->order[i] : i);
}

/*
 * The spaces, one or more, must outlive the view, which must stay where it is. The caller frees
 * what it holds with view_done().
 */
void view_build(struct view *view, const struct space *const *spaces, size_t n_spaces,
		const struct view_spec *spec);
void view_done(struct view *view);

/* A view of rows that belong to no address space; the array is borrowed, its last `n_sums` rows sum up the others. */
void view_build_rows(struct view *view, const void *array, size_t row_size, size_t n, size_t n_sums,
		     const struct view_spec *spec);

/* For collect(): all `n` elements of an array are the rows. `owned`: it is freed with them. */
void rows_set(struct rows *rows, const void *array, size_t row_size, size_t n, void *owned);

/* The text, which may be NULL, is freed with the rows. */
char *rows_keep(struct rows *rows, char *text);

void rows_done(struct rows *rows);

/*
 * The counters of each module, all its regions together: space->judgement.n_modules rows of
 * space->facts.usage.n_slots. The caller frees them.
 */
uint64_t *view_module_usage(const struct space *space);

/* Adds up counters, each over those that are known: n sums, UNKNOWN at first, and n values. */
void view_add_usage(uint64_t *sum, const uint64_t *values, size_t n);
