/* SPDX-License-Identifier: MIT */
/*
 * Where bands of a layout can grow to, and what ends that: the next mapping or a limit.
 */
#pragma once

#include "analysis/layout.h"

/* Of the last band of the brk heap, and the first of the main stack: both may be in several pieces. */
void set_band_growth(struct strip *strip);
