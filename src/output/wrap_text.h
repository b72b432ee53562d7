/* SPDX-License-Identifier: MIT */
/*
 * Sentences in lines.
 */
#pragma once

#include "base/out.h"

/*
 * Writes an escaped text from column `at` on; what would pass `width` goes to the next line, after `indent`
 * blanks. Lines break at blanks. width 0: it is all one line.
 */
void out_wrapped(struct out *out, const char *text, size_t at, size_t indent, size_t width);
