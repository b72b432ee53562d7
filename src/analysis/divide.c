/* SPDX-License-Identifier: MIT */
#include "analysis/divide.h"

bool is_divided(const struct addrspace *as, size_t region)
{
	uint32_t mapping = as->regions[region].mapping;

	return (region > 0 && as->regions[region - 1].mapping == mapping) ||
	       (region + 1 < as->n_regions && as->regions[region + 1].mapping == mapping);
}

/* The regions of one mapping, and what was counted in them. */
struct group {
	const struct region *regions;
	const struct page_count *counts; /* or NULL */
	size_t n;
};

static uint64_t region_size(const struct region *region)
{
	return region->end - region->start;
}

static uint64_t weight_of(const struct group *group, size_t i, enum share share)
{
	if (!group->counts)
		return region_size(&group->regions[i]);
	return share == SHARE_SWAPPED ? group->counts[i].swapped : group->counts[i].resident;
}

static uint64_t total_weight(const struct group *group, enum share share)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < group->n; i++)
		sum += weight_of(group, i, share);
	return sum;
}

__extension__ typedef unsigned __int128 wide;

/* What is due to the first of the group is rounded down, each next one gets the difference. */
static void divide(struct usage *usage, size_t slot, const struct group *group, enum share share,
		   uint64_t figure)
{
	struct group by_size = { .regions = group->regions, .n = group->n };
	uint64_t total = total_weight(group, share);
	uint64_t weight = 0;
	uint64_t given = 0;

	/* A figure without pages to go with it: the process has changed in between. */
	if (total == 0) {
		group = &by_size;
		total = total_weight(group, share);
	}
	for (size_t i = 0; i < group->n; i++) {
		uint64_t due;

		weight += weight_of(group, i, share);
		due = (uint64_t)((wide)figure * weight / total);
		usage_row(usage, group->regions[i].usage)[slot] = due - given;
		given = due;
	}
}

static enum share share_of(const struct usage_slot *slot)
{
	if (slot->figure < N_KERNEL_FIGURES)
		return figures[slot->figure].share;
	return slot->is_count ? SHARE_PROPERTY : SHARE_RESIDENT;
}

static void divide_mapping(struct usage *usage, const struct group *group)
{
	for (size_t slot = 0; slot < usage->n_slots; slot++) {
		uint64_t figure = usage_row(usage, group->regions[0].mapping)[slot];
		enum share share = share_of(&usage->slots[slot]);

		if (figure != UNKNOWN && share != SHARE_PROPERTY) {
			divide(usage, slot, group, share, figure);
			continue;
		}
		for (size_t i = 0; i < group->n; i++)
			usage_row(usage, group->regions[i].usage)[slot] = figure;
	}
}

void apportion(struct addrspace *as, const struct page_count *counts)
{
	struct usage *usage = &as->usage;

	usage->first_divided = usage->n_rows;
	for (size_t i = 0; i < as->n_regions;) {
		struct group group = { .regions = &as->regions[i], .counts = counts };

		while (i + group.n < as->n_regions &&
		       as->regions[i + group.n].mapping == group.regions[0].mapping)
			group.n++;
		if (group.n > 1) {
			for (size_t k = 0; k < group.n; k++)
				as->regions[i + k].usage = (uint32_t)(usage->n_rows + k);
			usage_set_rows(usage, usage->n_rows + group.n);
			divide_mapping(usage, &group);
			counts = counts ? counts + group.n : NULL;
		}
		i += group.n;
	}
}
