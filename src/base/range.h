/* SPDX-License-Identifier: MIT */
/*
 * Ranges of addresses: arrays of items, `size` bytes each, that begin with the range they cover,
 * [start, end), as two uint64_t.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The index of the first of `n` sorted addresses that is not below `addr`; n when there is none. */
static inline size_t address_find(const uint64_t *sorted, size_t n, uint64_t addr)
{
	size_t low = 0;
	size_t high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (sorted[middle] < addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * Whether `size` bytes from `start` end at or below `end`, without wrapping around. Check every
 * range from a file or from a target's memory with this before adding it up.
 */
static inline bool range_fits(uint64_t start, uint64_t size, uint64_t end)
{
	return start <= end && size <= end - start;
}

/* The first of `n` items, sorted and disjoint, that ends above an address; `n` when none does. */
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

/* Sorts items by their start. Those with the same start stay in their order. */
void range_sort(void *items, size_t n, size_t size);

/* Whether no two of the sorted items overlap. */
bool range_are_disjoint(const void *items, size_t n, size_t size);

/* Which item stays where sorted items overlap. */
enum range_policy {
	RANGE_FIRST_WINS, /* the one that begins first; others are left out */
	RANGE_NONE_WINS,  /* all are left out */
};

/* Makes sorted items disjoint. Returns how many stay; those that were left out come after them. */
size_t range_cut(void *items, size_t n, size_t size, enum range_policy policy);

/*
 * Makes sorted items disjoint without losing an address: where two overlap, the one that begins
 * later wins, or the shorter one if both begin together, and the other continues after it. Returns
 * how many there are, at most 2 * `n`; there must be room for that many.
 */
size_t range_split(void *items, size_t n, size_t size);

/*
 * Makes items disjoint, as if they were mapped one after the other: each replaces what it covers of
 * those before it. Returns how many there are then, sorted, at most 2 * `n`; there must be room for
 * that many.
 */
size_t range_overlay(void *items, size_t n, size_t size);

/* Cuts sorted, disjoint items off at an address. Returns how many are left. */
size_t range_end_at(void *items, size_t n, size_t size, uint64_t addr);
