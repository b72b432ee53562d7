/* SPDX-License-Identifier: MIT */
/*
 * Blocks in use that nothing leads to: neither variables, stacks, registers nor memory beside malloc's, nor a
 * block that one of these leads to. Bytes throughout, with malloc's headers.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/heap.h"

struct leaks {
	struct block_list list; /* those that no block points to first, then by bytes, the most first */
	uint64_t unsure_blocks, unsure_bytes; /* not reached, but what may lead to them was not read */
	uint64_t unread; /* bytes that may lead to all that is in the list, which is unsure then */
	bool is_missing; /* no heap is known */
};

void leaks_done(struct leaks *leaks);
