/* SPDX-License-Identifier: MIT */
/*
 * Address spaces for scripts: one JSON document, described by memmap.schema.json, written
 * target by target.
 */
#pragma once

#include "base/json.h"
#include "views/views.h"

void render_json_begin(struct json *json);
void render_json_target(struct json *json, const struct view *view, const struct view_info *info,
			bool explained);
void render_json_end(struct json *json);

/* Parts of it, for views that have members of their own. An address may be UNKNOWN: null. */
void render_json_address(struct json *json, const char *key, uint64_t address);
void render_json_region(struct json *json, const char *key, const struct space *space,
			const struct region *region);
void render_json_page(struct json *json, const char *key, const struct page_run *run);
