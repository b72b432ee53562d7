/* SPDX-License-Identifier: MIT */
#include "random.h"

uint64_t random_below(uint64_t n)
{
	static uint64_t state = 1;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 32) % n;
}
