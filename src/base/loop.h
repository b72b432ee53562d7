/* SPDX-License-Identifier: MIT */
/*
 * Finds out whether a chain of addresses leads into a loop, of whatever length, without remembering all of
 * them (Brent's algorithm): each address is compared with an earlier one, which is replaced by the latest
 * after 1, 2, 4, 8... steps. { 0 } is the beginning of a chain.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop {
	uint64_t mark;	/* the earlier address */
	size_t mark_at; /* its number */
	size_t n;	/* addresses so far */
};

/* Takes the next address. True: the chain has been there, loop_length() addresses ago. */
static inline bool loop_comes_round(struct loop *loop, uint64_t addr)
{
	if (loop->n > 0 && addr == loop->mark)
		return true;
	if ((loop->n & (loop->n - 1)) == 0) {
		loop->mark = addr;
		loop->mark_at = loop->n;
	}
	loop->n++;
	return false;
}

static inline size_t loop_length(const struct loop *loop)
{
	return loop->n - loop->mark_at;
}
