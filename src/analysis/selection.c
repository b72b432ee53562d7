/* SPDX-License-Identifier: MIT */
#include "analysis/selection.h"

#include <fnmatch.h>
#include <string.h>

#include "base/mem.h"

/* A pattern matches the whole name or its last component. */
static bool matches_name(const struct space *space, const struct region *region, const char *pattern)
{
	const struct object *object = region_name(space, region);
	const char *base;

	if (!object || !object->name)
		return false;
	base = strrchr(object->name, '/');
	return fnmatch(pattern, object->name, 0) == 0 || (base && fnmatch(pattern, base + 1, 0) == 0);
}

/* An unknown access right matches neither its letter nor the absence of it. */
static bool matches_perms(unsigned perms, const struct selection *selection)
{
	return (perms & selection->perms_mask) == selection->perms &&
	       !(open_perms(perms) & selection->perms_mask);
}

static bool matches(const struct space *space, const struct region *region, const struct selection *selection)
{
	if (selection->kinds && !(selection->kinds & 1u << region->kind))
		return false;
	if (selection->has_range && (region->end <= selection->low || region->start > selection->high))
		return false;
	if (!matches_perms(space->facts.mappings[region->mapping].perms, selection))
		return false;
	return !selection->name || matches_name(space, region, selection->name);
}

uint32_t *select_regions(const struct space *space, const struct selection *selection, size_t *ret_n)
{
	const struct judgement *judgement = &space->judgement;
	uint32_t *regions = mem_array(judgement->n_regions, sizeof(*regions));
	bool takes_all = !selection_is_narrowed(selection);
	size_t n = 0;

	for (size_t i = 0; i < judgement->n_regions; i++)
		if (takes_all || matches(space, &judgement->regions[i], selection))
			regions[n++] = (uint32_t)i;
	*ret_n = n;
	return regions;
}
