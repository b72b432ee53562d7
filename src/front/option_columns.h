/* SPDX-License-Identifier: MIT */
/*
 * The columns that are shown, and those that sort, once the view is known.
 */
#pragma once

#include "front/options.h"

/* 0, or -EINVAL with one line on what is wrong. */
int options_settle_columns(struct options *options, struct error *err);
int options_settle_sort(struct options *options, struct error *err);

/* JSON has the regions with most views that are made of them, and so their columns say what to read for it. */
bool options_show_regions(const struct options *options);
