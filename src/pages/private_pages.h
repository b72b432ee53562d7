/* SPDX-License-Identifier: MIT */
/*
 * The pages that only this process has, or shares with others since a fork(2): pages of private
 * mappings that belong to no file.
 */
#pragma once

#include "model/space.h"
#include "source/source.h"

struct private_pages {
	struct private_page *items; /* by address */
	uint32_t *regions;	    /* by item: the region that holds the page's first byte */
	size_t n, cap, cap_regions;
	bool has_frames; /* page frames are known; otherwise there are no items */
};

/* Leaves out pages that were read but never written: in all processes, these share one frame. */
void read_private_pages(struct source *source, const struct space *space, struct private_pages *ret);
void private_pages_done(struct private_pages *pages);
