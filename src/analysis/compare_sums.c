/* SPDX-License-Identifier: MIT */
#include "analysis/compare_sums.h"

#include <inttypes.h>

static uint64_t sum_resident(const struct space *space)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < space->judgement.n_regions; i++) {
		uint64_t rss = region_counter(space, &space->judgement.regions[i], COUNTER_RSS);

		if (rss == UNKNOWN)
			return UNKNOWN;
		sum = known_sum(sum, rss);
	}
	return sum;
}

static void compare(struct notes *notes, const char *what, uint64_t sum, const char *whose, uint64_t whole)
{
	if (sum == UNKNOWN || whole == UNKNOWN || sum == whole)
		return;
	notes_add(notes, "totals-differ",
		  "the process changed while it was read: %s is %" PRIu64 " bytes by mapping, but %" PRIu64
		  " by %s",
		  what, sum, whole, whose);
}

void compare_sums(const struct space *space, const struct kernel_sums *kernel, struct notes *notes)
{
	compare(notes, "its size", facts_virtual(&space->facts), "VmSize", kernel->size);
	compare(notes, "its resident memory", sum_resident(space), "smaps_rollup", kernel->resident);
}

void sum_swapped(struct space *space)
{
	uint64_t kernels = space->facts.process.swapped;
	uint64_t sum = 0;

	if (!space->facts.hides_swap)
		return;
	for (size_t i = 0; i < space->judgement.n_regions && sum != UNKNOWN; i++) {
		uint64_t swap = region_counter(space, &space->judgement.regions[i], COUNTER_SWAP);

		sum = swap == UNKNOWN ? UNKNOWN : sum + swap;
	}
	space->facts.process.swapped = sum;
	if (sum != UNKNOWN && kernels != UNKNOWN && sum != kernels)
		notes_add(&space->answers.notes, "swap-shared",
			  "%" PRIu64 " bytes are swapped by mapping, but %" PRIu64
			  " by VmSwap, which leaves shared memory out",
			  sum, kernels);
}
