/* SPDX-License-Identifier: MIT */
/*
 * The array "regions" of JSON. There may be a million of them, most of which have much in common with others.
 */
#pragma once

#include "base/json.h"
#include "views/views.h"

/* Those that are shown; in the order of the rows, where these are the regions. */
void render_json_regions(struct json *json, const struct view *view, const struct view_info *info,
			 bool explained);
