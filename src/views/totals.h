/* SPDX-License-Identifier: MIT */
/*
 * Totals: a row for all regions of one kind, or of one name.
 */
#pragma once

#include "views/views.h"

/* For rows of type struct total; the last column is { 0 }. */
extern const struct column total_columns[];

/* Their objects in JSON, by kind and by name. */
extern const struct record total_record, named_record;

/*
 * Prints a row for each kind that there is, and the sum of all: regions, size, and the counters
 * among the columns of the layout.
 */
void render_totals(struct out *out, const struct view *view, const struct layout *layout);

/* Likewise, a row for each name that allocators, runtimes and programs have given to memory. */
void render_named_totals(struct out *out, const struct view *view, const struct layout *layout);

/* For collect() in a view: the rows that render_totals() prints. */
void collect_totals(const struct view *view, struct rows *rows);

/* Likewise, those of render_named_totals(). */
void collect_named(const struct view *view, struct rows *rows);

/* Writes the counters that add up as a JSON object, if there are any. `values`: n_slots, by slot. */
void put_counter_sums(struct json *json, const char *key, const struct usage *usage, const uint64_t *values);
