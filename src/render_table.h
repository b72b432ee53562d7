/* SPDX-License-Identifier: MIT */
/*
 * An address space for people: a line on the process, a row a region, totals by kind. `explained`:
 * each row with a sentence.
 */
#pragma once

#include "column.h"
#include "out.h"
#include "table.h"
#include "view.h"

void render_table(struct out *out, const struct view *view, const struct column *const *columns,
		  size_t n_columns, const struct table_style *style, bool explained);
