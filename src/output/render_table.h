/* SPDX-License-Identifier: MIT */
/*
 * A view of an address space for people: a line on the process, the rows, and what follows them in this view.
 */
#pragma once

#include "views/views.h"

/*
 * `view`: what was built of `info`, with one space, or with two, the old one last. `layout`: its columns, the
 * marks of its rows and the style: raw and without headings, there are only rows. `explained`: each row with a
 * sentence, in views that have one to say.
 */
void render_table(struct out *out, const struct view *view, const struct view_info *info,
		  const struct layout *layout, bool explained);

/* Rows that belong to no target, and sums of them. */
void render_list(struct out *out, const struct view *view, const struct layout *layout);
