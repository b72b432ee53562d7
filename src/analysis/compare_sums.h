/* SPDX-License-Identifier: MIT */
/*
 * Compares sums over all mappings with the kernel's own for the process as a whole.
 */
#pragma once

#include "model/space.h"

/* Remarks on a difference: the process has changed while it was read. */
void compare_sums(const struct space *space, const struct kernel_sums *kernel, struct notes *notes);

/*
 * Where shared memory may be swapped out (facts->hides_swap), makes the sum over all regions what is swapped of the
 * process, and remarks on a difference to the kernel's own; UNKNOWN where regions have no such counter.
 */
void sum_swapped(struct space *space);
