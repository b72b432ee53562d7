/* SPDX-License-Identifier: MIT */
/*
 * What a band is called, and what is to be known of it, in words that are safe to print. The caller frees them.
 */
#pragma once

#include "analysis/layout.h"

/*
 * "program bash", "libc.so.6", "5 libraries", "heap", "stack 4451 worker", "file LC_TIME", "text" of a part;
 * "free" of a gap.
 */
char *band_label(const struct strip *strip, const struct band *band);

/* Where the heap or the stack grows to, and how far; NULL: it does not grow. */
char *band_growth(const struct band *band);
