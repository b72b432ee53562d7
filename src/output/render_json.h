/* SPDX-License-Identifier: MIT */
/*
 * Address spaces for scripts: one JSON document, described by memmap.schema.json, written
 * target by target.
 */
#pragma once

#include "base/json.h"
#include "views/views.h"

/* `on_one_line`: the whole document takes one line. */
void render_json_begin(struct json *json, bool on_one_line);
void render_json_target(struct json *json, const struct view *view, const struct view_info *info,
			bool explained);
void render_json_end(struct json *json);

/* A whole document of rows that belong to no target: `notes` say what is missing. */
void render_json_list(struct json *json, const struct view *view, const struct view_info *info,
		      const struct notes *notes);
