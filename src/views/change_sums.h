/* SPDX-License-Identifier: MIT */
/*
 * What all differences come to: a row for each kind, below the table and in JSON.
 */
#pragma once

#include "views/views.h"

void change_put_sums(struct out *out, const struct view *view, const struct layout *layout);
void change_put_json_sums(struct json *json, const struct view *view);

/* Below a table whose last row is its sum: a sentence where there is no other. */
void change_put_footer(struct out *out, const struct view *view, const struct layout *layout);
