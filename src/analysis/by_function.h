/* SPDX-License-Identifier: MIT */
/*
 * The stack by function: what all frames of each take together, as recursion does.
 */
#pragma once

#include "model/frames.h"

struct function_use {
	const struct location *location; /* one of the function's; where no name is known, of its module's */
	uint64_t frames;
	uint64_t size; /* the sum of what is known of them; UNKNOWN: nothing */
};

/* One for each function that has a frame, the largest first; the caller frees *ret. Their number. */
size_t find_function_uses(const struct frames *frames, struct function_use **ret);
