/* SPDX-License-Identifier: MIT */
/*
 * The pages of some regions in detail: which are in memory, swapped or untouched, shared,
 * dirty, huge. A page belongs to the region that holds its first byte.
 */
#pragma once

#include "base/error.h"
#include "model/space.h"
#include "source/source.h"

/*
 * Adds the runs of `n` regions, given by ascending index, to answers->page_runs. 0, or a negative
 * errno with the reason.
 */
int read_page_runs(struct source *source, const struct space *space, const uint32_t *regions, size_t n,
		   struct answers *answers, struct error *err);

/* Reads the page at an address in a region, as a run. 0 or a negative errno. */
int read_page(struct source *source, const struct space *space, uint32_t region, uint64_t addr,
	      struct page_run *ret);
