/* SPDX-License-Identifier: MIT */
/*
 * Which rows of a view are new or have changed since the previous reading. Rows match by what they
 * describe, not by their position.
 */
#pragma once

#include "views/views.h"

struct marks {
	uint8_t *of; /* by row: enum mark */
	size_t n_new, n_changed, n_gone;
};

/*
 * Both views are of one process; the caller must not have ended `old` with view_done() yet. A row has
 * changed if its cell in one of these columns has. The caller frees marks->of.
 */
void marks_find(const struct view *old, const struct view *now, const struct view_info *info,
		const struct column *const *columns, size_t n_columns, struct marks *marks);
