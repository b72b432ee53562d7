/* SPDX-License-Identifier: MIT */
#include "analysis/divide_counters.h"

#include "base/mem.h"

bool is_divided(const struct judgement *judgement, size_t region)
{
	uint32_t mapping = judgement->regions[region].mapping;

	return (region > 0 && judgement->regions[region - 1].mapping == mapping) ||
	       (region + 1 < judgement->n_regions && judgement->regions[region + 1].mapping == mapping);
}

/* The regions of one mapping, and what was counted in them. */
struct group {
	const struct region *regions;
	const struct page_count *counts; /* or NULL */
	size_t n;
};

static uint64_t region_size(const struct region *region)
{
	return region->end - region->start;
}

static uint64_t weight_of(const struct group *group, size_t i, enum share share)
{
	if (!group->counts)
		return region_size(&group->regions[i]);
	return share == SHARE_SWAPPED ? group->counts[i].swapped : group->counts[i].resident;
}

static uint64_t total_weight(const struct group *group, enum share share)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < group->n; i++)
		sum += weight_of(group, i, share);
	return sum;
}

/*
 * counter * weight / total, rounded down; weight <= total. If the product does not fit in 64 bits,
 * this is long division, bit by bit.
 */
static uint64_t part_of(uint64_t counter, uint64_t weight, uint64_t total)
{
	uint64_t product;
	uint64_t quotient = 0;
	uint64_t rest = 0;

	if (!__builtin_mul_overflow(counter, weight, &product))
		return product / total;
	for (int bit = 63; bit >= 0; bit--) {
		uint64_t more = counter >> bit & 1 ? weight : 0;
		bool carries = rest >= total - rest;

		rest += carries ? rest - total : rest;
		quotient = quotient * 2 + carries;
		carries = more > 0 && rest >= total - more;
		rest += carries ? more - total : more;
		quotient += carries;
	}
	return quotient;
}

/* ---- rows of counters ---- */

/* The table of shares under construction; it has the same slots as the counters by mapping. */
struct table {
	const struct usage *usage;
	struct judgement *judgement;
};

/* Room for `n` more rows. */
static void add_rows(struct table *table, size_t n)
{
	struct shares *shares = &table->judgement->shares;
	size_t size = table->usage->n_slots * sizeof(*shares->values);
	size_t used = shares->n_rows * size;

	shares->n_rows += n;
	if (shares->n_rows <= shares->cap_rows)
		return;
	shares->cap_rows = MAX(shares->n_rows, shares->cap_rows * 2);
	shares->values = mem_enlarge(shares->values, used, &shares->cap_rows, size);
}

/* The row of a region with counters of its own. */
static uint64_t *share_row(const struct table *table, const struct region *region)
{
	size_t row = region->usage - table->usage->n_rows;

	return table->judgement->shares.values + row * table->usage->n_slots;
}

/* ---- dividing ---- */

/*
 * Each region gets the share due to all regions up to it, rounded down, less what the earlier ones
 * got: nothing is lost.
 */
static void divide(const struct table *table, size_t slot, const struct group *group, enum share share,
		   uint64_t counter)
{
	struct group by_size = { .regions = group->regions, .n = group->n };
	uint64_t total = total_weight(group, share);
	uint64_t weight = 0;
	uint64_t given = 0;

	/* A counter, but no pages: the process changed in between. */
	if (total == 0) {
		group = &by_size;
		total = total_weight(group, share);
	}
	for (size_t i = 0; i < group->n; i++) {
		uint64_t due;

		weight += weight_of(group, i, share);
		due = part_of(counter, weight, total);
		share_row(table, &group->regions[i])[slot] = due - given;
		given = due;
	}
}

enum share slot_share(const struct usage_slot *slot)
{
	if (slot->counter < N_KERNEL_COUNTERS)
		return counters[slot->counter].share;
	return slot->is_count ? SHARE_PROPERTY : SHARE_RESIDENT;
}

static void divide_mapping(const struct table *table, const struct group *group)
{
	const struct usage *usage = table->usage;

	for (size_t slot = 0; slot < usage->n_slots; slot++) {
		uint64_t counter = usage_row(usage, group->regions[0].mapping)[slot];
		enum share share = slot_share(&usage->slots[slot]);

		if (counter != UNKNOWN && share != SHARE_PROPERTY) {
			divide(table, slot, group, share, counter);
			continue;
		}
		for (size_t i = 0; i < group->n; i++)
			share_row(table, &group->regions[i])[slot] = counter;
	}
}

void divide_counters(const struct usage *usage, const struct page_count *counts, struct judgement *judgement)
{
	struct table table = { usage, judgement };

	for (size_t i = 0; i < judgement->n_regions;) {
		struct region *first = &judgement->regions[i];
		struct group group = { .regions = first, .counts = counts };

		while (i + group.n < judgement->n_regions && first[group.n].mapping == first->mapping)
			group.n++;
		if (group.n > 1) {
			for (size_t k = 0; k < group.n; k++)
				first[k].usage = (uint32_t)(usage->n_rows + judgement->shares.n_rows + k);
			add_rows(&table, group.n);
			divide_mapping(&table, &group);
			counts = counts ? counts + group.n : NULL;
		}
		i += group.n;
	}
}

void set_counted_counters(const struct usage *usage, const struct page_count *counts,
			  struct judgement *judgement)
{
	struct table table = { usage, judgement };
	int rss = usage_slot(usage, COUNTER_KERNEL_RSS);
	int swap = usage_slot(usage, COUNTER_SWAP);

	judgement->shares.are_counted = true;
	add_rows(&table, judgement->n_regions);
	for (size_t i = 0; i < judgement->n_regions; i++) {
		struct region *region = &judgement->regions[i];

		region->usage = (uint32_t)(usage->n_rows + i);
		share_row(&table, region)[rss] = counts[i].resident;
		share_row(&table, region)[swap] = counts[i].swapped;
	}
}
