/* SPDX-License-Identifier: MIT */
/*
 * Holds sums over all mappings against what the kernel says of the process as a whole.
 */
#pragma once

#include "model/space.h"

/* Remarks on a difference: the process has changed while it was read. */
void compare_sums(const struct space *space, const struct kernel_sums *kernel, struct notes *notes);
