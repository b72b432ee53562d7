/* SPDX-License-Identifier: MIT */
/*
 * What is shown of address spaces, in which order, and the totals of exactly that. Most views are
 * of one address space; a view of several collects its own rows.
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

/* What has become of a row since the previous reading. */
enum mark { MARK_NONE, MARK_NEW, MARK_CHANGED, N_MARKS };

#define SORT_KEYS_MAX 8

struct sort_key {
	const struct column *column;
	bool is_descending;
};

struct view_spec {
	struct selection selection;
	bool demangles;	     /* names of C++ and Rust are shown demangled */
	bool is_full;	     /* rows are not folded */
	bool shows_contents; /* bytes of the heap, which may be secret */
	enum severity least; /* severity of findings that are shown */
	/* The first key that differs decides; no keys: as collected, by address if rows have one. */
	struct sort_key sort[SORT_KEYS_MAX];
	size_t n_sort;
	/* Fills in the rows, which have only `view` set; NULL: one row per region. */
	void (*collect)(const struct view *view, struct rows *rows);
};

/* Totals of all regions of one kind, or of one name. */
struct total {
	enum kind kind;		     /* N_KINDS: all of them */
	const struct object *object; /* of memory that its owner has named; else NULL */
	uint64_t regions, size, padding;
	uint64_t *usage; /* sums, by slot of space->facts.usage; UNKNOWN if nothing was known */
};

/*
 * Rows: elements of an array, in the order in which they are shown. They own all that they point
 * to, except `view`, and an array that is borrowed: then `owned` is NULL.
 */
struct rows {
	const struct view *view;
	const void *array;
	size_t row_size;
	uint32_t *order; /* indices of elements; NULL: all, as they are */
	size_t n;
	bool is_unknown;  /* they were asked for, but could not be read */
	bool are_unsure;  /* of findings: what could not be read might refute each of them */
	size_t n_sums;	  /* rows at the end that sum up the others, and stay there */
	uint32_t *spaces; /* of each element, the index of its space; NULL: all the first */
	void *owned;	  /* the array, if it was made for these rows */
	char **texts;	  /* texts that were made for them */
	size_t n_texts, cap_texts;
};

struct view {
	const struct space *const *spaces; /* borrowed */
	size_t n_spaces;
	const struct selection *selection; /* of what is shown; borrowed */

	/* Of the first space: */
	uint32_t *regions; /* indices of those that are shown, by address */
	size_t n_regions;
	struct total totals[N_KINDS + 1]; /* of these regions, by kind; the last one is the sum */
	struct total *named;		  /* by name, in the order of their first regions */
	size_t n_named, cap_named;
	uint64_t *total_usage; /* what totals[].usage point into */

	bool demangles, is_full, shows_contents; /* as in struct view_spec */
	enum severity least;
	struct rows rows;
};

/* The view's address space; of several, the first. */
static inline const struct space *view_space(const struct view *view)
{
	return view->spaces[0];
}

/* Whether the view is of a snapshot without this part, one of JSON_*. Totals follow from regions. */
static inline bool view_lacks(const struct view *view, unsigned part)
{
	const struct saved *saved = view_space(view)->facts.saved;

	return saved && !(saved->parts & (part | (part & JSON_TOTALS ? JSON_REGIONS : 0u)));
}

/* Whether the view is of a snapshot without regions: then there is nothing to compare. */
static inline bool view_lacks_regions(const struct view *view)
{
	for (size_t i = 0; i < view->n_spaces; i++)
		if (lacks_regions(&view->spaces[i]->facts))
			return true;
	return false;
}

/* An element of the array, whether shown or not; rows_get() returns the i-th row shown. */
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
 * The spaces, one or more, must outlive the view, which must not move. The caller frees its
 * contents with view_done().
 */
void view_build(struct view *view, const struct space *const *spaces, size_t n_spaces,
		const struct view_spec *spec);
void view_done(struct view *view);

/*
 * A view of rows that belong to no address space; the array is borrowed, its last `n_sums` rows sum
 * up the others.
 */
void view_build_rows(struct view *view, const void *array, size_t row_size, size_t n, size_t n_sums,
		     const struct view_spec *spec);

/* For collect(): makes rows of all `n` elements of an array. `owned` is freed with them; may be NULL. */
void rows_set(struct rows *rows, const void *array, size_t row_size, size_t n, void *owned);

/* Keeps a text, which may be NULL, to be freed with the rows. Returns it. */
char *rows_keep(struct rows *rows, char *text);

void rows_done(struct rows *rows);

/*
 * The counters of each module, summed over its regions: space->judgement.n_modules rows of
 * space->facts.usage.n_slots. The caller frees them.
 */
uint64_t *view_module_usage(const struct space *space);

/* Adds `n` values to `n` sums, which are UNKNOWN at first. Unknown values are left out. */
void view_add_usage(uint64_t *sum, const uint64_t *values, size_t n);
