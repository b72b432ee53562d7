/* SPDX-License-Identifier: MIT */
/*
 * Groups of processes for Prometheus and whoever else reads OpenMetrics text; node_exporter's textfile collector and
 * promtool read it as the older text format, too.
 */
#pragma once

#include "base/out.h"
#include "model/process_row.h"

#define OPENMETRICS_GROUPS_MAX 200

/*
 * Writes the groups, and after them how many processes could not be read. Where there are more than
 * OPENMETRICS_GROUPS_MAX, those with the least PSS are added up and called "other": names of commands are chosen by
 * whoever runs them, and each is a time series. They are sorted by PSS, and *n becomes how many are left.
 */
void render_openmetrics(struct out *out, struct process_row *groups, size_t *n, enum grouping by,
			uint64_t n_unread);
