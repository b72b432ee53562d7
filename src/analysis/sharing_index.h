/* SPDX-License-Identifier: MIT */
/*
 * Where the target's regions lie in the files that it maps, to find the regions whose pages other
 * processes map as well.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "model/space.h"

struct file_range { /* whole pages of an object that a region maps */
	uint32_t object, region;
	uint64_t start, end;
	uint64_t last_end; /* highest end of this and all earlier ranges of the object */
};

struct sharing_index {
	const struct space *space; /* borrowed */
	struct file_range *ranges; /* sorted by object and start */
	size_t n;
	uint32_t *positions; /* by region: 1 + its index in sharing.regions, or 0 */
};

void sharing_index_init(struct sharing_index *index, const struct space *space);
void sharing_index_done(struct sharing_index *index);

/* The answer about a region, added if there is none yet. */
struct shared_region *sharing_region(struct sharing_index *index, struct sharing *sharing, uint32_t region);

/* Adds a process to the users of a region. All calls for one process come before those for the next. */
void sharing_add_user(struct sharing_index *index, struct sharing *sharing, uint32_t region,
		      const struct region_user *user);

/*
 * Adds a process to the users of all regions that share pages with its mappings, which it sorts. For
 * mappings of the target itself (`is_own`), only of regions that other processes use.
 */
void sharing_add_mappings(struct sharing_index *index, struct sharing *sharing, uint32_t process,
			  struct other_mapping *mappings, size_t n, bool is_own);

/*
 * To finish: sorts regions by address, and users by PID. If there are no relatives or no known
 * frames, what became of inherited pages is UNKNOWN.
 */
void sharing_settle(struct sharing *sharing);
