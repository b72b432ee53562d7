/* SPDX-License-Identifier: MIT */
#include "inspect/measure.h"

#include <stdlib.h>

#include "analysis/divide.h"
#include "base/mem.h"
#include "pages/count.h"

/* A figure of a mapping, as smaps gave it; `otherwise` where it was not asked for or not given. */
static uint64_t said(const struct usage *usage, size_t mapping, enum figure figure, uint64_t otherwise)
{
	int slot = usage_slot(usage, figure);
	uint64_t value = slot < 0 ? UNKNOWN : usage_row(usage, mapping)[slot];

	return value == UNKNOWN ? otherwise : value;
}

/* Where nothing of a mapping is in memory, or all of it, that says it of each region. */
static bool is_known(const struct addrspace *as, const struct region *region, struct page_count *ret)
{
	const struct mapping *m = &as->mappings[region->mapping];
	uint64_t resident = said(&as->usage, region->mapping, FIGURE_KERNEL_RSS, UNKNOWN);

	*ret = (struct page_count){ 0 };
	if (said(&as->usage, region->mapping, FIGURE_SWAP, UNKNOWN) != 0 ||
	    said(&as->usage, region->mapping, FIGURE_SHARED_HUGETLB, 0) != 0 ||
	    said(&as->usage, region->mapping, FIGURE_PRIVATE_HUGETLB, 0) != 0 ||
	    (resident != 0 && resident != m->end - m->start))
		return false;
	if (resident > 0)
		ret->resident =
			page_ceil(region->end, as->page_size) - page_ceil(region->start, as->page_size);
	return true;
}

/* Counts in the regions whose share is not known, `which` of `counts`. */
static int count_pages(struct proc *proc, const struct addrspace *as, struct page_range *ranges,
		       const size_t *which, size_t n, struct page_count *counts)
{
	int r = n > 0 ? read_pages(proc, as->page_size, ranges, n, false) : 0;

	for (size_t i = 0; i < n && r == 0; i++)
		counts[which[i]] = (struct page_count){ ranges[i].resident, ranges[i].swapped };
	return r;
}

void measure_divided(struct proc *proc, struct addrspace *as)
{
	_cleanup_free_ struct page_range *ranges = NULL;
	_cleanup_free_ struct page_count *counts = NULL;
	_cleanup_free_ size_t *which = NULL;
	size_t n_divided = 0;
	size_t n = 0;

	if (as->usage.n_slots == 0)
		return;
	for (size_t i = 0; i < as->n_regions; i++)
		n_divided += is_divided(as, i);
	ranges = mem_realloc(NULL, n_divided, sizeof(*ranges));
	counts = mem_realloc(NULL, n_divided, sizeof(*counts));
	which = mem_realloc(NULL, n_divided, sizeof(*which));
	n_divided = 0;
	for (size_t i = 0; i < as->n_regions; i++) {
		const struct region *region = &as->regions[i];

		if (!is_divided(as, i))
			continue;
		if (!is_known(as, region, &counts[n_divided])) {
			ranges[n] = (struct page_range){ region->start, region->end, 0, 0 };
			which[n++] = n_divided;
		}
		n_divided++;
	}
	apportion(as, count_pages(proc, as, ranges, which, n, counts) < 0 ? NULL : counts);
}

int measure_resident(struct proc *proc, struct addrspace *as)
{
	size_t room = as->n_regions;
	_cleanup_free_ struct page_range *ranges = mem_enlarge(NULL, 0, &room, sizeof(*ranges));
	int rss, swap;
	int r;

	for (size_t i = 0; i < as->n_regions; i++)
		ranges[i] = (struct page_range){ as->regions[i].start, as->regions[i].end, 0, 0 };
	r = read_pages(proc, as->page_size, ranges, as->n_regions, true);
	if (r < 0)
		return r;
	usage_init(&as->usage, FIGURE_BIT(FIGURE_KERNEL_RSS) | FIGURE_BIT(FIGURE_SWAP), false);
	usage_set_rows(&as->usage, as->n_regions);
	rss = usage_slot(&as->usage, FIGURE_KERNEL_RSS);
	swap = usage_slot(&as->usage, FIGURE_SWAP);
	for (size_t i = 0; i < as->n_regions; i++) {
		as->regions[i].usage = (uint32_t)i;
		usage_row(&as->usage, i)[rss] = ranges[i].resident;
		usage_row(&as->usage, i)[swap] = ranges[i].swapped;
	}
	return 0;
}
