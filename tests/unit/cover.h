/* SPDX-License-Identifier: MIT */
/*
 * What must hold of every address space that has been classified, whatever it was made of.
 */
#pragma once

#include "model/space.h"

static inline bool region_is_sane(const struct space *space, const struct region *region)
{
	return region->start < region->end && region->padding <= region->end - region->start &&
	       region->kind < N_KINDS && region->basis < N_BASES &&
	       (region->module == NO_MODULE || (size_t)region->module < space->judgement.n_modules);
}

/* Whether the regions are sorted, disjoint, and cover every mapping exactly. */
static inline bool regions_cover_mappings(const struct space *space)
{
	size_t r = 0;

	for (size_t i = 0; i < space->facts.n_mappings; i++) {
		uint64_t at = space->facts.mappings[i].start;

		for (; r < space->judgement.n_regions && space->judgement.regions[r].mapping == i; r++) {
			if (space->judgement.regions[r].start != at ||
			    !region_is_sane(space, &space->judgement.regions[r]))
				return false;
			at = space->judgement.regions[r].end;
		}
		if (at != space->facts.mappings[i].end)
			return false;
	}
	return r == space->judgement.n_regions;
}
