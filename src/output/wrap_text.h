/* SPDX-License-Identifier: MIT */
/*
 * Wraps sentences into lines.
 */
#pragma once

#include "base/out.h"

/*
 * Writes an escaped text from column `at` on. A word that would pass `width` goes to the next line, after
 * `indent` blanks. Lines break only at blanks. width 0: all on one line.
 */
void out_wrapped(struct out *out, const char *text, size_t at, size_t indent, size_t width);
