/* SPDX-License-Identifier: MIT */
/*
 * The sum of all differences: a row for each kind, below the table and in JSON.
 */
#pragma once

#include "views/views.h"

void change_put_sums(struct out *out, const struct view *view, const struct layout *layout);
void change_put_json_sums(struct json *json, const struct view *view);

/* Prints a sentence below a table that has no rows, or only the sum. */
void change_put_footer(struct out *out, const struct view *view, const struct layout *layout);
