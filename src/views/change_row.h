/* SPDX-License-Identifier: MIT */
/*
 * One difference between two address spaces, and by how much it changed.
 */
#pragma once

#include "views/views.h"

enum { NEW_SPACE, OLD_SPACE }; /* in view->spaces: the view is of the new one */

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

extern const char *const change_names[N_CHANGES]; /* NULL: no change */

/* What is on one side: a region, several of one kind, or nothing. */
struct part {
	const struct region *region;
	uint64_t n, size;
	const uint64_t *usage; /* by slot of that space's facts.usage; NULL: unknown */
};

struct change_row {
	struct part parts[2]; /* NEW_SPACE, OLD_SPACE */
	uint64_t share;	      /* of all growth, in percent; UNKNOWN of what has not grown */
	uint8_t kind;	      /* N_KINDS: all together */
	uint8_t change;	      /* enum change */
	uint8_t how;	      /* enum matched */
};

/* By how much it differs from old to new; unknown where it is on one side. `view`: of both spaces. */
struct cell change_of_counter(const struct view *view, const struct change_row *row, enum counter counter);
struct cell change_of_size(const struct change_row *row);

/* What memory costs is what is resident; where that was not asked for, there is only the size. */
struct cell change_of_main(const struct view *view, const struct change_row *row);

/* CHANGE_GROWN or CHANGE_SHRUNK, by a cell of these; CHANGE_NONE where it is 0 or unknown. */
enum change change_direction(const struct cell *cell);

/* Cells of columns that single changes and sums of them have. */
struct cell change_get_size(const struct column *column, const struct row *row);
struct cell change_get_kind(const struct column *column, const struct row *row);

/* In JSON all counters that both have; a null for those that only one has. */
void change_put_counters(struct json *json, const struct column *column, const struct row *row);

/*
 * Makes rows of `n` changes of `size` bytes, which `rows` owns then; `at` bytes from its start each has its enum change
 * in a byte. What was removed belongs to the old space, and the sum of all, which comes last, to the new one.
 */
void change_set_rows(struct rows *rows, void *changes, size_t size, size_t n, size_t at);
