/* SPDX-License-Identifier: MIT */
/*
 * An address space in short, for people: a row a kind, what the process costs, and the limits
 * that it is near. Its parts serve other views as well.
 */
#pragma once

#include "column.h"
#include "out.h"
#include "table.h"
#include "view.h"

void render_summary(struct out *out, const struct view *view, const struct column *const *columns,
		    size_t n_columns, const struct table_style *style);

/* One line: who it is and how large. */
void render_process(struct out *out, const struct addrspace *as, const struct table_style *style);

/*
 * A row for each kind that there is, and the sum: regions, size, and those of `columns` that
 * are figures.
 */
void render_totals(struct out *out, const struct view *view, const struct column *const *columns,
		   size_t n_columns, const struct table_style *style);
