/* SPDX-License-Identifier: MIT */
/*
 * Looking an address up in what covers an address space: items that are sorted and disjoint, each of which
 * begins with the range that it covers, [start, end), two uint64_t.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The first of `n` items, of `size` bytes each, that ends above an address; `n` when none does. */
static inline size_t range_find(const void *items, size_t n, size_t size, uint64_t addr)
{
	size_t low = 0;

	while (low < n) {
		size_t middle = low + (n - low) / 2;
		const uint64_t *range = (const void *)((const char *)items + middle * size);

		if (range[1] > addr)
			n = middle;
		else
			low = middle + 1;
	}
	return low;
}
