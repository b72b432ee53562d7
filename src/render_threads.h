/* SPDX-License-Identifier: MIT */
/*
 * Threads for people: a row a thread, with its stack.
 */
#pragma once

#include "out.h"
#include "table.h"
#include "view.h"

void render_threads(struct out *out, const struct view *view, const struct table_style *style);
