/* SPDX-License-Identifier: MIT */
/*
 * Which rows of a view are new or have changed since the same view was taken before: by what a row is of, not
 * by where it stands.
 */
#pragma once

#include "views/views.h"

struct marks {
	uint8_t *of; /* by row: enum mark */
	size_t n_new, n_changed, n_gone;
};

/*
 * Both views are of one process, and `old` is still whole. A row has changed where a cell of these columns has.
 * The caller frees `of`.
 */
void marks_find(const struct view *old, const struct view *now, const struct view_info *info,
		const struct column *const *columns, size_t n_columns, struct marks *marks);
