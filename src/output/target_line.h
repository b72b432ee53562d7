/* SPDX-License-Identifier: MIT */
/*
 * What a target is, in one line: for whatever is shown of it.
 */
#pragma once

#include "model/space.h"
#include "output/table.h"

/* Who it is and how large, safe to print; the caller frees it. */
char *target_line(const struct space *space, const struct table_style *style);
