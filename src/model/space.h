/* SPDX-License-Identifier: MIT */
/*
 * One address space: what was read, what it means, and answers to what else was asked.
 */
#pragma once

#include "model/answers.h"
#include "model/facts.h"
#include "model/judgement.h"

struct space {
	struct facts facts;
	struct judgement judgement;
	struct answers answers;
};

void space_init(struct space *space);
void space_done(struct space *space);

#define REGION_NAME_USUAL 255 /* bytes */

/*
 * Cuts names that are longer than REGION_NAME_USUAL if all rows together show so much text that it would be
 * gigabytes. Says whether it did; then no file can be found by its name any more.
 */
bool space_cut_names(struct space *space);

/* As facts_used(), but also for LIMIT_CORE. */
uint64_t space_used(const struct space *space, enum limit_id limit) _pure_;

/* The counters of a region, one for each slot of facts.usage; NULL if none were read. */
static inline const uint64_t *region_counters(const struct space *space, const struct region *region)
{
	const struct usage *usage = &space->facts.usage;
	const struct shares *shares = &space->judgement.shares;

	if (region->usage < usage->n_rows)
		return usage_row(usage, region->usage);
	if (region->usage - usage->n_rows < shares->n_rows)
		return shares->values + (region->usage - usage->n_rows) * usage->n_slots;
	return NULL;
}

/* One counter of a region; UNKNOWN if it was not read. */
static inline uint64_t region_counter(const struct space *space, const struct region *region,
				      enum counter counter)
{
	const uint64_t *row = region_counters(space, region);

	return row ? usage_counter(&space->facts.usage, row, counter) : UNKNOWN;
}

/* Whether a region's counters are a share of its mapping's, by pages or size. */
static inline bool is_apportioned(const struct space *space, const struct region *region)
{
	return region->usage >= space->facts.usage.n_rows && !space->judgement.shares.are_counted;
}

/* Whether absent pages of a region may be swapped out, which the page map does not show. */
static inline bool region_hides_swap(const struct space *space, const struct region *region)
{
	return space->facts.hides_swap &&
	       may_hide_swap(mapping_object(&space->facts, &space->facts.mappings[region->mapping]));
}

/* The file of the module that a region belongs to, or NULL. */
static inline const struct object *region_module_object(const struct space *space,
							const struct region *region)
{
	if (region->module == NO_MODULE)
		return NULL;
	return space->facts.objects[space->judgement.modules[region->module].object];
}

/* The section that a region lies in, or NULL. */
static inline const struct section *region_section(const struct space *space, const struct region *region)
{
	if (region->section == 0)
		return NULL;
	return &region_module_object(space, region)->image->sections[region->section - 1];
}

/*
 * The object that a region is named after: its mapping's or, if that has no name, the file of the
 * module that it belongs to. NULL if it has neither.
 */
static inline const struct object *region_name(const struct space *space, const struct region *region)
{
	const struct object *object = mapping_object(&space->facts, &space->facts.mappings[region->mapping]);

	return object->name ? object : region_module_object(space, region);
}

/*
 * Whether a region belongs to the heap that grows by brk(2): the kernel says so or, if mappings have no
 * names, its place does.
 */
static inline bool is_brk_heap(const struct space *space, const struct region *region)
{
	const struct object *object = mapping_object(&space->facts, &space->facts.mappings[region->mapping]);

	if (object->name)
		return is_pseudo_path(object, "[heap]");
	return region->basis == BASIS_PATTERN && region->start == space->facts.process.start_brk;
}
