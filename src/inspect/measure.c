/* SPDX-License-Identifier: MIT */
#include "inspect/measure.h"

#include <errno.h>
#include <stdlib.h>

#include "analysis/divide_counters.h"
#include "base/mem.h"
#include "pages/count.h"

/* A counter of a mapping from smaps; `otherwise` if it was not asked for or not given. */
static uint64_t said(const struct usage *usage, size_t mapping, enum counter counter, uint64_t otherwise)
{
	int slot = usage_slot(usage, counter);
	uint64_t value = slot < 0 ? UNKNOWN : usage_row(usage, mapping)[slot];

	return value == UNKNOWN ? otherwise : value;
}

/* If nothing of a mapping is in memory, or all of it, the same is true of each of its regions. */
static bool is_known(const struct facts *facts, const struct region *region, struct page_count *ret)
{
	const struct mapping *m = &facts->mappings[region->mapping];
	uint64_t page_size = facts->page_size;
	uint64_t resident = said(&facts->usage, region->mapping, COUNTER_KERNEL_RSS, UNKNOWN);

	*ret = (struct page_count){ 0 };
	if (said(&facts->usage, region->mapping, COUNTER_SWAP, UNKNOWN) != 0 ||
	    said(&facts->usage, region->mapping, COUNTER_SHARED_HUGETLB, 0) != 0 ||
	    said(&facts->usage, region->mapping, COUNTER_PRIVATE_HUGETLB, 0) != 0 ||
	    (resident != 0 && resident != m->end - m->start))
		return false;
	if (resident > 0)
		ret->resident = page_ceil(region->end, page_size) - page_ceil(region->start, page_size);
	return true;
}

/* Counts in the regions whose share is not known; `which` has their indices in `counts`. */
static int count_shares(struct source *source, uint64_t page_size, struct page_range *ranges,
			const size_t *which, size_t n, struct page_count *counts)
{
	int r = n > 0 ? count_pages(source, page_size, ranges, n, false) : 0;

	for (size_t i = 0; i < n && r == 0; i++)
		counts[which[i]] = (struct page_count){ ranges[i].resident, ranges[i].swapped };
	return r;
}

void measure_divided(struct source *source, const struct facts *facts, struct judgement *judgement)
{
	_cleanup_free_ struct page_range *ranges = NULL;
	_cleanup_free_ struct page_count *counts = NULL;
	_cleanup_free_ size_t *which = NULL;
	size_t n_divided = 0;
	size_t n = 0;
	int r;

	if (facts->usage.n_slots == 0)
		return;
	for (size_t i = 0; i < judgement->n_regions; i++)
		n_divided += is_divided(judgement, i);
	ranges = mem_array(n_divided, sizeof(*ranges));
	counts = mem_array(n_divided, sizeof(*counts));
	which = mem_array(n_divided, sizeof(*which));
	n_divided = 0;
	for (size_t i = 0; i < judgement->n_regions; i++) {
		const struct region *region = &judgement->regions[i];

		if (!is_divided(judgement, i))
			continue;
		if (!is_known(facts, region, &counts[n_divided])) {
			ranges[n] = (struct page_range){ region->start, region->end, 0, 0 };
			which[n++] = n_divided;
		}
		n_divided++;
	}
	r = count_shares(source, facts->page_size, ranges, which, n, counts);
	divide_counters(&facts->usage, r < 0 ? NULL : counts, judgement);
}

int measure_resident(struct source *source, const struct facts *facts, struct judgement *judgement)
{
	size_t n = judgement->n_regions;
	size_t room = n;
	_cleanup_free_ struct page_range *ranges = mem_enlarge(NULL, 0, &room, sizeof(*ranges));
	_cleanup_free_ struct page_count *counts = NULL;
	int r;

	/* A page map does not show swapped-out pages of shared memory. */
	if (facts->hides_swap)
		return -ENODATA;
	for (size_t i = 0; i < n; i++)
		ranges[i] =
			(struct page_range){ judgement->regions[i].start, judgement->regions[i].end, 0, 0 };
	r = count_pages(source, facts->page_size, ranges, n, true);
	if (r < 0)
		return r;
	counts = mem_array(n, sizeof(*counts));
	for (size_t i = 0; i < n; i++)
		counts[i] = (struct page_count){ ranges[i].resident, ranges[i].swapped };
	set_counted_counters(&facts->usage, counts, judgement);
	return 0;
}
