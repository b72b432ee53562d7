/* SPDX-License-Identifier: MIT */
/*
 * Which regions lie where in the files that a process maps, so that the mappings of others are found in them.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "model/space.h"

struct file_range { /* whole pages of an object that a region has */
	uint32_t object, region;
	uint64_t start, end;
	uint64_t last_end; /* of this and all before it of the same object */
};

struct sharing_index {
	const struct space *space; /* borrowed */
	struct file_range *ranges; /* sorted by object and start */
	size_t n;
	uint32_t *positions; /* by region: 1 + its index in sharing.regions, or 0 */
};

void sharing_index_init(struct sharing_index *index, const struct space *space);
void sharing_index_done(struct sharing_index *index);

/* The answer about a region, made when it is new. */
struct shared_region *sharing_region(struct sharing_index *index, struct sharing *sharing, uint32_t region);

/* A process is one of those that have a region. All that concerns one process comes before the next one. */
void sharing_add_user(struct sharing_index *index, struct sharing *sharing, uint32_t region,
		      const struct region_user *user);

/*
 * Adds to `sharing` the regions that have pages of a mapping in common with it; of a mapping of the target itself
 * (`is_own`) only those that others have.
 */
void sharing_add_mapping(struct sharing_index *index, struct sharing *sharing, uint32_t process,
			 const struct other_mapping *mapping, bool is_own);

/*
 * At last: puts regions in order of address, and users in that of PIDs. Where no relative or no frame is known,
 * what became of inherited pages is not known either.
 */
void sharing_settle(struct sharing *sharing);
