/* SPDX-License-Identifier: MIT */
/*
 * Which regions of two address spaces belong together, and whether they differ.
 */
#pragma once

#include "analysis/match.h"
#include "views/change_row.h"

/*
 * All pairs with a side that is shown, changed or not, and shown regions without a counterpart. A
 * row of kind N_KINDS, which *ret_n does not count, ends the array. The caller frees it.
 */
struct change_row *change_list_pairs(const struct view *view, const struct match *match, size_t *ret_n);

/* `is_one_process`: the same address in both spaces means the same memory. */
enum change change_find(const struct view *view, const struct change_row *row, bool is_one_process);
