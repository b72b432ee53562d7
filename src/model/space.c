/* SPDX-License-Identifier: MIT */
#include "model/space.h"

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
