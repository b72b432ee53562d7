/* SPDX-License-Identifier: MIT */
/*
 * What must hold of every address space that has been classified, whatever it was made of.
 */
#pragma once

#include "model/addrspace.h"

static inline bool region_is_sane(const struct addrspace *as, const struct region *region)
{
	return region->start < region->end && region->padding <= region->end - region->start &&
	       region->kind < N_KINDS && region->basis < N_BASES &&
	       (region->module == NO_MODULE || (size_t)region->module < as->n_modules);
}

/* Whether the regions are sorted, disjoint, and cover every mapping exactly. */
static inline bool regions_cover_mappings(const struct addrspace *as)
{
	size_t r = 0;

	for (size_t i = 0; i < as->n_mappings; i++) {
		uint64_t at = as->mappings[i].start;

		for (; r < as->n_regions && as->regions[r].mapping == i; r++) {
			if (as->regions[r].start != at || !region_is_sane(as, &as->regions[r]))
				return false;
			at = as->regions[r].end;
		}
		if (at != as->mappings[i].end)
			return false;
	}
	return r == as->n_regions;
}
