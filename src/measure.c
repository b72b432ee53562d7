/* SPDX-License-Identifier: MIT */
#include "measure.h"

#include <stdlib.h>

#include "apportion.h"
#include "mem.h"
#include "read_pages.h"

void measure_divided(struct proc *proc, struct addrspace *as)
{
	_cleanup_free_ struct page_range *ranges = NULL;
	_cleanup_free_ struct page_count *counts = NULL;
	size_t n = 0;

	if (as->usage.n_slots == 0)
		return;
	for (size_t i = 0; i < as->n_regions; i++)
		n += is_divided(as, i);
	ranges = mem_realloc(NULL, n, sizeof(*ranges));
	counts = mem_realloc(NULL, n, sizeof(*counts));
	n = 0;
	for (size_t i = 0; i < as->n_regions; i++)
		if (is_divided(as, i))
			ranges[n++] = (struct page_range){ as->regions[i].start, as->regions[i].end, 0, 0 };
	if (read_pages(proc, as->page_size, ranges, n, false) < 0) {
		apportion(as, NULL);
		return;
	}
	for (size_t i = 0; i < n; i++)
		counts[i] = (struct page_count){ ranges[i].resident, ranges[i].swapped };
	apportion(as, counts);
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
