/* SPDX-License-Identifier: MIT */
/*
 * The rows of --pages as a grid for each region: each cell is one or more pages, and shows what is in memory.
 */
#pragma once

#include "views/views.h"

void render_page_grid(struct out *out, const struct view *view, const struct layout *layout);
