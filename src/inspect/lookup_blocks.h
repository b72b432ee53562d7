/* SPDX-License-Identifier: MIT */
/* Which malloc block holds an address that was asked about. */
#pragma once

#include "model/space.h"
#include "source/source.h"

/*
 * Sets the blocks of answers->lookups, whose regions are known. Walks the heap only if an address
 * is in it. Adds notes on what could not be read there.
 */
void read_lookup_blocks(struct source *source, const struct space *space, const struct request *request,
			struct answers *answers);
