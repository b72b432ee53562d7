/* SPDX-License-Identifier: MIT */
/*
 * Groups of processes for Prometheus and other readers of OpenMetrics text. node_exporter's textfile
 * collector and promtool read it as the older text format, too.
 */
#pragma once

#include "base/out.h"
#include "model/process_row.h"

#define OPENMETRICS_GROUPS_MAX 200

/*
 * Writes the groups, then how many processes could not be read. If there are more than
 * OPENMETRICS_GROUPS_MAX, the groups with the least PSS are added up as "other": users choose the names of
 * commands, and each name is a time series. Sorts `groups` by PSS, and sets *n to how many are left.
 */
void render_openmetrics(struct out *out, struct process_row *groups, size_t *n, enum grouping by,
			uint64_t n_unread);
