/* SPDX-License-Identifier: MIT */
/*
 * What a target is, in one line, for all that shows it.
 */
#pragma once

#include "model/space.h"
#include "output/table.h"

/* Names the target and its sizes, safe to print; the caller frees the text. */
char *target_line(const struct space *space, const struct table_style *style);
