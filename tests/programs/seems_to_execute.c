/* SPDX-License-Identifier: MIT */
/*
 * Moves its arguments without a pause, as if it executed one program after another. Prints a line before READY
 * if it may not.
 */
#include "mm_map.h"

int main(void)
{
	struct prctl_mm_map map = own_mm_map();
	const __u64 arg_start = map.arg_start;

	if (set_mm_map(&map) != 0)
		puts(strerror(errno));
	ready();
	for (unsigned i = 0;; i++) {
		map.arg_start = arg_start - i % 997;
		set_mm_map(&map);
	}
}
