/* SPDX-License-Identifier: MIT */
/*
 * The JSON array "regions". There may be a million regions, and most have much in common with others.
 */
#pragma once

#include "base/json.h"
#include "views/views.h"

/* Writes the regions that are shown; in the order of the rows, if the rows are regions. */
void render_json_regions(struct json *json, const struct view *view, const struct view_info *info,
			 bool explained);
