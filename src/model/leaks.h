/* SPDX-License-Identifier: MIT */
/*
 * Blocks in use that nothing leads to: neither variables, stacks, registers nor memory beside malloc's, nor a block that
 * one of these leads to. Bytes throughout, with malloc's headers.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

struct leak { /* a group of blocks that are alike */
	uint64_t size, blocks, bytes;
	uint64_t sample; /* what the program had of the first one: its address; */
	uint64_t
		holder; /* that of another lost block which points to it. UNKNOWN: no lost block points to any */
};

struct leaks {
	struct leak *items; /* those that no block points to first, then by bytes, the most first */
	size_t n, cap;
	uint64_t blocks, bytes;		      /* of all of them */
	uint64_t unsure_blocks, unsure_bytes; /* not reached, but what may lead to them was not read */
	bool is_missing;		      /* no heap is known */
};

void leaks_done(struct leaks *leaks);
