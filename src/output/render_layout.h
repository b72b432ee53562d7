/* SPDX-License-Identifier: MIT */
/*
 * The rows of --layout as a picture: a strip from low to high addresses, one line per band.
 */
#pragma once

#include "views/views.h"

void render_layout(struct out *out, const struct view *view, const struct layout *layout);
