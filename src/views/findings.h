/* SPDX-License-Identifier: MIT */
/*
 * What findings are about, for all outputs.
 */
#pragma once

#include "base/out.h"
#include "model/finding.h"
#include "model/space.h"
#include "views/view.h"

/* The file that a finding is about, or what its region is called; NULL: neither. */
static inline const struct object *finding_object(const struct space *space, const struct finding *finding)
{
	if (finding->object > 0)
		return space->facts.objects[finding->object];
	if (finding->region == NO_REGION)
		return NULL;
	return region_name(space, &space->judgement.regions[finding->region]);
}

/* Counts the findings that are shown, by severity: adds to `counts`. */
void findings_count(const struct view *view, size_t counts[N_SEVERITIES]);

/*
 * A line for people on how many of each severity there are, in `n_processes` processes; 0: in the one that is
 * shown above.
 */
void findings_put_sum(struct out *out, const size_t counts[N_SEVERITIES], size_t n_processes);
