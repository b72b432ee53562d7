/* SPDX-License-Identifier: MIT */
/*
 * Lists of names, as --output, --kind and --sort take them.
 */
#pragma once

#include <stddef.h>

#include "front/options.h"

/* Calls `add` for each item of a list with commas or blanks, until one gives an error, which it returns. */
int option_list_each(const char *list, int (*add)(struct options *, const char *, size_t, struct error *),
		     struct options *options, struct error *err);
