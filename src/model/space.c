/* SPDX-License-Identifier: MIT */
#include "model/space.h"

#include "base/text.h"

void space_init(struct space *space)
{
	*space = (struct space){ .judgement.core_size = UNKNOWN };
	facts_init(&space->facts);
}

void space_done(struct space *space)
{
	answers_done(&space->answers);
	judgement_done(&space->judgement);
	facts_done(&space->facts);
}

uint64_t space_used(const struct space *space, enum limit_id limit)
{
	if (limit == LIMIT_CORE && !space->facts.saved)
		return space->judgement.core_size;
	return facts_used(&space->facts, limit);
}

/* ---- how much text names are ---- */

/* Regions, and pages with one state, show the name of a file each: it may be mapped tens of thousands of times. */
#define ROOM_FOR_LONG_NAMES (UINT64_C(64) << 20)

static uint64_t name_len(const struct space *space, uint32_t region)
{
	const struct object *object = region_name(space, &space->judgement.regions[region]);

	return object ? object->name_len : 0;
}

/* Hardly any process has one: then the regions need not be looked at. */
static bool has_long_name(const struct facts *facts)
{
	for (size_t i = 0; i < facts->n_objects; i++)
		if (facts->objects[i]->name_len > REGION_NAME_USUAL)
			return true;
	return false;
}

static bool have_room(const struct space *space)
{
	const struct answers *answers = &space->answers;
	size_t n_rows = space->judgement.n_regions + answers->n_page_runs;
	uint64_t room = ROOM_FOR_LONG_NAMES + n_rows * REGION_NAME_USUAL;
	uint64_t sum = 0;

	for (size_t i = 0; i < space->judgement.n_regions; i++)
		sum += name_len(space, (uint32_t)i);
	for (size_t i = 0; i < answers->n_page_runs; i++)
		sum += name_len(space, answers->page_runs[i].region);
	return sum <= room;
}

static void cut(char *name, size_t *len)
{
	if (!name)
		return;
	*len = text_cut(name, *len, REGION_NAME_USUAL);
	name[*len] = '\0';
}

bool space_cut_names(struct space *space)
{
	if (!has_long_name(&space->facts) || have_room(space))
		return false;
	for (size_t i = 0; i < space->facts.n_objects; i++)
		cut(space->facts.objects[i]->name, &space->facts.objects[i]->name_len);
	/* The program is found among them by its name. */
	cut(space->facts.process.exe, &space->facts.process.exe_len);
	return true;
}
