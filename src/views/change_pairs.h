/* SPDX-License-Identifier: MIT */
/*
 * Which regions of two address spaces belong together, and whether they differ.
 */
#pragma once

#include "analysis/match.h"
#include "views/change_row.h"

/*
 * All pairs of which either side is shown, changed or not, and what has no like; behind the last one stands
 * one of kind N_KINDS. The caller frees them.
 */
struct change_row *change_list_pairs(const struct view *view, const struct match *match, size_t *ret_n);

/* `is_one_process`: the same address in both spaces means the same memory. */
enum change change_find(const struct view *view, const struct change_row *row, bool is_one_process);
