/* SPDX-License-Identifier: MIT */
/*
 * How far bands of a layout can grow, and what stops them: the next mapping or a limit.
 */
#pragma once

#include "analysis/layout.h"

/* Sets the growth of the brk heap's last band and the main stack's first: each may be in several pieces. */
void set_band_growth(struct strip *strip);
