/* SPDX-License-Identifier: MIT */
/*
 * A view of an address space for people: a line on the process, the rows, and the footer of the view.
 */
#pragma once

#include "views/views.h"

/*
 * `view`: built from `info`, with one space, or with two, the old one last. `layout`: the columns, the marks
 * of the rows and the style; if that is raw or without headings, only the table is written. `explained`: each
 * row comes with a sentence, in views that have one.
 */
void render_table(struct out *out, const struct view *view, const struct view_info *info,
		  const struct layout *layout, bool explained);

/* Rows that belong to no target, and their sums. */
void render_list(struct out *out, const struct view *view, const struct layout *layout);
