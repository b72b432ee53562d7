/* SPDX-License-Identifier: MIT */
/*
 * What findings are about, for all outputs.
 */
#pragma once

#include "base/out.h"
#include "model/finding.h"
#include "model/space.h"
#include "views/view.h"

/* The file that a finding is about, or the name of its region; NULL: neither. */
static inline const struct object *finding_object(const struct space *space, const struct finding *finding)
{
	if (finding->object > 0)
		return space->facts.objects[finding->object];
	if (finding->region == NO_REGION)
		return NULL;
	return region_name(space, &space->judgement.regions[finding->region]);
}

/* Adds the numbers of findings shown to `counts`, by severity. */
void findings_count(const struct view *view, size_t counts[N_SEVERITIES]);

/*
 * Prints a line for people: how many findings of each severity there are in `n_processes`
 * processes; 0: in the one shown above.
 */
void findings_put_sum(struct out *out, const size_t counts[N_SEVERITIES], size_t n_processes);
