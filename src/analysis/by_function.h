/* SPDX-License-Identifier: MIT */
/*
 * The stack by function: the frames of each function added up. Recursion makes several.
 */
#pragma once

#include "model/frames.h"

struct function_use {
	const struct location
		*location; /* any one in the function; if its name is not known, in its module */
	uint64_t frames;
	uint64_t size; /* sum of the known sizes of its frames; UNKNOWN: none is known */
};

/*
 * Fills *ret with an item for each function that has a frame, the largest first; the caller frees
 * it. Returns the number of items.
 */
size_t find_function_uses(const struct frames *frames, struct function_use **ret);
