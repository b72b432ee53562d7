/* SPDX-License-Identifier: MIT */
#include "model/space.h"

void space_init(struct space *space)
{
	*space = (struct space){ 0 };
	facts_init(&space->facts);
}

void space_done(struct space *space)
{
	answers_done(&space->answers);
	judgement_done(&space->judgement);
	facts_done(&space->facts);
}
