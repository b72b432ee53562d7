/* SPDX-License-Identifier: MIT */
/*
 * Makes bands fewer: neighbours become one.
 */
#pragma once

#include "analysis/layout.h"

/*
 * Folds bands of one sort that follow each other where there are more than budget->alike. Where there still are more
 * than budget->any, it does so over gaps of any size, and then folds all that is smaller than some power of two, the
 * smallest one that leaves no more. The program, the brk heap and the main stack stay, whatever there is: their number
 * may be above it.
 */
void fold_bands(struct strip *strip, const struct strip_budget *budget);
