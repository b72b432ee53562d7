/* SPDX-License-Identifier: MIT */
/*
 * An error message, on its way up to the command that prints it once.
 *
 * A function that can fail returns 0 or a negative errno and fills one of these at the place
 * that knows the most. Its callers pass both on unchanged.
 */
#pragma once

#include "base/util.h"

struct error {
	char text[512]; /* may hold what users typed: main() makes it one line that is safe to print */
};

/* Fills `err` (which may be NULL) and returns `code`, a negative errno. */
int error_set(struct error *err, int code, const char *fmt, ...) _printf_(3, 4);
