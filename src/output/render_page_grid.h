/* SPDX-License-Identifier: MIT */
/*
 * The rows of --pages as a grid for each region: a cell a page or more, and what is in memory of it.
 */
#pragma once

#include "views/views.h"

void render_page_grid(struct out *out, const struct view *view, const struct layout *layout);
