/* SPDX-License-Identifier: MIT */
/*
 * What a band is called, and how it can grow, in words that are safe to print. The caller frees
 * them.
 */
#pragma once

#include "analysis/layout.h"

/*
 * "program bash", "libc.so.6", "5 libraries", "heap", "stack 4451 worker", "file LC_TIME"; "text"
 * for a part; "free" for a gap.
 */
char *band_label(const struct strip *strip, const struct band *band);

/* Which way the heap or the main stack grows, and how far; NULL: the band does not grow. */
char *band_growth(const struct band *band);
