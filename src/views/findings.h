/* SPDX-License-Identifier: MIT */
/*
 * What findings are about, for all outputs.
 */
#pragma once

#include "model/finding.h"
#include "model/space.h"

/* The file that a finding is about, or what its region is called; NULL: neither. */
static inline const struct object *finding_object(const struct space *space, const struct finding *finding)
{
	if (finding->object > 0)
		return space->facts.objects[finding->object];
	if (finding->region == NO_REGION)
		return NULL;
	return region_name(space, &space->judgement.regions[finding->region]);
}
