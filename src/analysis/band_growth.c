/* SPDX-License-Identifier: MIT */
#include "analysis/band_growth.h"

static void limit_room(struct band *band, const struct space *space, enum limit_id limit, uint64_t used)
{
	uint64_t max = space->facts.process.limits[limit].max;
	uint64_t room = max > used ? max - used : 0;

	if (max == UNKNOWN || used == UNKNOWN || room >= band->room)
		return;
	band->room = room;
	band->room_limit = limit;
}

/* The heap can grow to the next mapping, shown or not, within the limits. */
static void set_heap_growth(const struct space *space, struct band *band)
{
	size_t next = judgement_next_region(&space->judgement, band->end);

	band->growth = GROWS_UP;
	if (next < space->judgement.n_regions)
		band->room = space->judgement.regions[next].start - band->end;
	limit_room(band, space, LIMIT_VIRTUAL, facts_used(&space->facts, LIMIT_VIRTUAL));
}

static void set_stack_growth(const struct space *space, struct band *band)
{
	uint64_t below = 0;

	for (size_t i = 0; i < space->judgement.n_regions; i++) {
		if (space->judgement.regions[i].start >= band->start)
			break;
		below = space->judgement.regions[i].end;
	}
	band->growth = GROWS_DOWN;
	band->room = band->start - below;
	limit_room(band, space, LIMIT_STACK, band->size);
	limit_room(band, space, LIMIT_VIRTUAL, facts_used(&space->facts, LIMIT_VIRTUAL));
}

void set_band_growth(struct strip *strip)
{
	const struct space *space = strip->space;
	struct band *heap = NULL;
	struct band *stack = NULL;
	uint64_t start, end;
	bool has_stack = facts_main_stack_range(&space->facts, &start, &end);

	for (size_t i = 0; i < strip->n; i++) {
		struct band *band = &strip->bands[i];

		if (band->type == BAND_HEAP)
			heap = band;
		if (band->type == BAND_STACK && !stack && has_stack && band->start >= start &&
		    band->end <= end)
			stack = band;
	}
	if (heap)
		set_heap_growth(space, heap);
	if (stack)
		set_stack_growth(space, stack);
}
