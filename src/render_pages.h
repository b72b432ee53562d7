/* SPDX-License-Identifier: MIT */
/*
 * Pages for people: a row for each run of pages that are alike.
 */
#pragma once

#include "out.h"
#include "table.h"
#include "view.h"

void render_pages(struct out *out, const struct view *view, const struct table_style *style);
