/* SPDX-License-Identifier: MIT */
/*
 * A difference between two address spaces, and its amount.
 */
#pragma once

#include "views/views.h"

enum { NEW_SPACE, OLD_SPACE }; /* indices of view->spaces: the view is of the new one */

enum change {
	CHANGE_NONE,
	CHANGE_ADDED,
	CHANGE_REMOVED,
	CHANGE_GROWN,
	CHANGE_SHRUNK,
	CHANGE_MOVED,
	CHANGE_PERMISSIONS,
	N_CHANGES,
};

extern const char *const change_names[N_CHANGES]; /* NULL for CHANGE_NONE */

/* What is on one side: a region, several of one kind, or nothing. */
struct part {
	const struct region *region;
	uint64_t n, size;
	const uint64_t *usage; /* by slot of that space's facts.usage; NULL: unknown */
};

struct change_row {
	struct part parts[2]; /* NEW_SPACE, OLD_SPACE */
	uint64_t share;	      /* of all growth, in percent; UNKNOWN if it has not grown */
	uint8_t kind;	      /* N_KINDS: all together */
	uint8_t change;	      /* enum change */
	uint8_t how;	      /* enum matched */
};

/* The change from old to new; unknown if either side is. `view`: of both spaces. */
struct cell change_of_counter(const struct view *view, const struct change_row *row, enum counter counter);
struct cell change_of_size(const struct change_row *row);

/* The change of RSS, which is what memory costs; of the size if RSS was not asked for. */
struct cell change_of_main(const struct view *view, const struct change_row *row);

/* The direction of one of these cells: grown or shrunk; CHANGE_NONE if it is 0 or unknown. */
enum change change_direction(const struct cell *cell);

/* Cells of columns that single changes and their sums share. */
struct cell change_get_size(const struct column *column, const struct row *row);
struct cell change_get_kind(const struct column *column, const struct row *row);

/* Writes to JSON the changes of the counters that either side has; null for one that the other side lacks. */
void change_put_counters(struct json *json, const struct column *column, const struct row *row);

/*
 * Makes rows of an array of `n` changes of `size` bytes, which `rows` then owns. `at`: offset of
 * the byte with the enum change in each. Removed ones belong to the old space; the others, and the
 * sum, which comes last, to the new one.
 */
void change_set_rows(struct rows *rows, void *changes, size_t size, size_t n, size_t at);
