/* SPDX-License-Identifier: MIT */
/*
 * The rows of --heap as bars: what of an arena is used, and what becomes of the rest.
 */
#pragma once

#include "views/views.h"

void render_arenas(struct out *out, const struct view *view, const struct layout *layout);
