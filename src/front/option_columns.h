/* SPDX-License-Identifier: MIT */
/*
 * Settles the columns that are shown and those that rows are sorted by, once the view is known.
 */
#pragma once

#include "front/options.h"

/* 0, or -EINVAL with one line on what is wrong. */
int options_settle_columns(struct options *options, struct error *err);
int options_settle_sort(struct options *options, struct error *err);

/* With most views that are made of regions, JSON lists the regions; their columns say what to read for it. */
bool options_show_regions(const struct options *options);
