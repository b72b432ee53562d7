/* SPDX-License-Identifier: MIT */
/*
 * The pages that only this process has, or others too since a fork(2): those of private mappings that no file has.
 */
#pragma once

#include "model/space.h"
#include "source/source.h"

struct private_pages {
	struct private_page *items; /* by address */
	uint32_t *regions;	    /* of each, the region that holds its first byte */
	size_t n, cap, cap_regions;
	bool has_frames; /* which frame a page is in is known; if not, there are no items */
};

/* Pages that were read but never written, which all processes have in one frame, are left out. */
void read_private_pages(struct source *source, const struct space *space, struct private_pages *ret);
void private_pages_done(struct private_pages *pages);
