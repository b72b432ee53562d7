/* SPDX-License-Identifier: MIT */
/*
 * The rows of --heap as bars: how much of each arena is used, and what the rest is.
 */
#pragma once

#include "views/views.h"

void render_arenas(struct out *out, const struct view *view, const struct layout *layout);
