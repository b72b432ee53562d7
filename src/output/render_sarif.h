/* SPDX-License-Identifier: MIT */
/*
 * Findings as SARIF 2.1.0 (OASIS), for code scanning: one run for all targets, written target by target.
 */
#pragma once

#include "base/json.h"
#include "views/view.h"

void render_sarif_begin(struct json *json);
void render_sarif_target(struct json *json, const struct view *view);

/* `is_complete`: everything that was asked for could be examined. */
void render_sarif_end(struct json *json, bool is_complete);
