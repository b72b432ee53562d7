/* SPDX-License-Identifier: MIT */
/*
 * Reduces the number of bands: neighbours become one.
 */
#pragma once

#include "analysis/layout.h"

/*
 * Folds adjacent bands of one sort if there are more than budget->alike. If more than budget->any
 * are left, also folds them across gaps of any size, and then all neighbours smaller than a power
 * of two: the smallest one that leaves at most budget->any. The program, the brk heap and the main
 * stack are never folded, so more than that may remain.
 */
void fold_bands(struct strip *strip, const struct strip_budget *budget);
