/* SPDX-License-Identifier: MIT */
/*
 * Blocks in use that nothing leads to: no variable, stack, register or memory outside malloc's, and no
 * block that one of these leads to. Sizes are in bytes and include malloc's headers.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/heap.h"

struct leaks {
	struct block_list list; /* those that no block points to first, then by bytes, the most first */
	/* Nothing that was read leads to these, but unread memory or registers may. */
	uint64_t unsure_blocks, unsure_bytes;
	uint64_t unread; /* bytes not read that may lead to any block; if not 0, the whole list is unsure */
	bool is_missing; /* no heap is known */
};

void leaks_done(struct leaks *leaks);
