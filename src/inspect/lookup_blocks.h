/* SPDX-License-Identifier: MIT */
/* Which block of malloc holds an address that was asked about. */
#pragma once

#include "model/space.h"
#include "source/source.h"

/*
 * Sets the blocks of answers->lookups, whose regions are known. Walks the heap only where an address is in it. What
 * could not be read there is a note.
 */
void read_lookup_blocks(struct source *source, const struct space *space, const struct request *request,
			struct answers *answers);
