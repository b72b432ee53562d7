/* SPDX-License-Identifier: MIT */
/*
 * Compares sums over all mappings with the kernel's own sums for the whole process.
 */
#pragma once

#include "model/space.h"

/* Adds a note if they differ: the process changed while it was read. */
void compare_sums(const struct space *space, const struct kernel_sums *kernel, struct notes *notes);

/*
 * If shared memory may be swapped out (facts->hides_swap), sets process.swapped to the sum over all
 * regions, and adds a note if the kernel's own sum differs. UNKNOWN if regions have no such
 * counter.
 */
void sum_swapped(struct space *space);
