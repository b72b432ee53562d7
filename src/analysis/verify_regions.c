/* SPDX-License-Identifier: MIT */
#include "analysis/verify_regions.h"

#include <errno.h>
#include <inttypes.h>

#include "analysis/divide_counters.h"

/* Whether a region begins at `at`, is not empty, and has valid members. */
static inline bool is_sound(const struct judgement *judgement, const struct region *region, uint64_t at)
{
	return region->start == at && region->end > at && region->padding <= region->end - at &&
	       region->kind < N_KINDS && region->basis < N_BASES && region->module >= NO_MODULE &&
	       region->module < (int64_t)judgement->n_modules;
}

/* How many regions from `first` on cover mapping `i`, each address once; 0: they do not. */
static inline size_t count_covering(const struct space *space, size_t i, size_t first)
{
	const struct judgement *judgement = &space->judgement;
	const struct mapping *m = &space->facts.mappings[i];
	uint64_t at = m->start;
	size_t k = first;

	for (; k < judgement->n_regions && judgement->regions[k].mapping == i; k++) {
		if (!is_sound(judgement, &judgement->regions[k], at))
			return 0;
		at = judgement->regions[k].end;
	}
	return at == m->end ? k - first : 0;
}

/* Whether a counter of a mapping is the sum of its regions' counters. */
static bool adds_up(const struct space *space, size_t mapping, const struct region *regions, size_t n,
		    size_t slot)
{
	const struct usage *usage = &space->facts.usage;
	uint64_t counter = usage_row(usage, mapping)[slot];
	bool is_divided = counter != UNKNOWN && slot_share(&usage->slots[slot]) != SHARE_PROPERTY;
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t its = region_counters(space, &regions[i])[slot];

		if (!is_divided && its != counter)
			return false;
		sum += its;
	}
	return !is_divided || sum == counter;
}

/* Without counters by mapping, each region's own were counted, and there is nothing to compare. */
static bool do_add_up(const struct space *space, size_t mapping, const struct region *regions, size_t n)
{
	const struct usage *usage = &space->facts.usage;

	if (mapping >= usage->n_rows || (n == 1 && regions->usage == mapping))
		return true;
	for (size_t slot = 0; slot < usage->n_slots; slot++)
		if (!adds_up(space, mapping, regions, n, slot))
			return false;
	return true;
}

static int fail(const struct mapping *m, const char *what, struct error *err)
{
	return error_set(err, -EBADMSG,
			 "internal error: the regions of the mapping at %" PRIx64
			 " do not %s; please report this as a bug",
			 m->start, what);
}

int check_regions(const struct space *space, struct error *err)
{
	const struct facts *facts = &space->facts;
	const struct judgement *judgement = &space->judgement;
	size_t first = 0;
	uint64_t last = 0;

	for (size_t i = 0; i < facts->n_mappings; i++) {
		const struct mapping *m = &facts->mappings[i];
		size_t n = count_covering(space, i, first);

		if (m->start < last || n == 0)
			return fail(m, "cover it", err);
		if (!do_add_up(space, i, &judgement->regions[first], n))
			return fail(m, "add up to it", err);
		last = m->end;
		first += n;
	}
	if (first < judgement->n_regions)
		return fail(&facts->mappings[judgement->regions[first].mapping], "come in order", err);
	return 0;
}
