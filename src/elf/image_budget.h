/* SPDX-License-Identifier: MIT */
/*
 * How much may be read of the headers of all files of a target together. Each mapped file may have hundreds of
 * thousands of segments and sections, and a sparse file needs no room for them on disk; it costs as much to read
 * if it is refused in the end.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Headers of segments and sections in all. Linux lets a process map 65,530 ranges unless it is told otherwise, and
 * each segment that is mapped takes one: ten thousand libraries with all their headers are half of this.
 */
#define IMAGE_BUDGET_MAX (UINT64_C(1) << 20)

struct image_budget {
	uint64_t left;
	bool is_exceeded;
};

static inline struct image_budget image_budget(void)
{
	return (struct image_budget){ .left = IMAGE_BUDGET_MAX };
}

/* Takes `n` headers from what is left. 0; -ENOBUFS: not enough is left, and from now on nothing is read. */
int image_budget_take(struct image_budget *budget, uint64_t n);

/* Long names and notes count for as many headers as would take the same memory. */
int image_budget_take_bytes(struct image_budget *budget, uint64_t n);
