/* SPDX-License-Identifier: MIT */
/*
 * Divides the counters of a mapping among its regions without loss: the shares add up to the
 * kernel's own counter, byte for byte.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/usage.h"
#include "model/judgement.h"

/* Whether the region's mapping holds other regions as well. */
bool is_divided(const struct judgement *judgement, size_t region);

/* How the counter in a slot is divided. */
enum share slot_share(const struct usage_slot *slot) _pure_;

/* Pages that were counted in one region, in bytes. */
struct page_count {
	uint64_t resident, swapped;
};

/*
 * Gives each region of a divided mapping counters of its own, in judgement->shares: resident and
 * swapped bytes as counted, the other counters in proportion to these. `counts` has an item for
 * each such region, in order; NULL: divide everything by size.
 */
void divide_counters(const struct usage *usage, const struct page_count *counts, struct judgement *judgement);

/* Gives each region the resident and swapped bytes that were counted in it: `counts` has an item for each. */
void set_counted_counters(const struct usage *usage, const struct page_count *counts,
			  struct judgement *judgement);
