/* SPDX-License-Identifier: MIT */
/*
 * Lists of names, as --output, --kind and --sort take them.
 */
#pragma once

#include <stddef.h>

#include "front/options.h"

/* Calls `add` for each item of a list separated by commas or blanks. Returns the first error, or 0. */
int option_list_each(const char *list, int (*add)(struct options *, const char *, size_t, struct error *),
		     struct options *options, struct error *err);
