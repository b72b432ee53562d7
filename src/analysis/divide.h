/* SPDX-License-Identifier: MIT */
/*
 * Divides the figures of a mapping among its regions, with nothing lost: their sum is the
 * kernel's own figure, byte for byte.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/addrspace.h"

/* Whether the region's mapping holds other regions as well. */
bool is_divided(const struct addrspace *as, size_t region);

/* Pages that were counted in one region, in bytes. */
struct page_count {
	uint64_t resident, swapped;
};

/*
 * Gives each region of a divided mapping its own row of as->usage: resident and swapped bytes
 * as counted, the other figures in proportion to these. `counts` has an item for each such
 * region, in order; where it is NULL, all goes by size.
 */
void apportion(struct addrspace *as, const struct page_count *counts);
