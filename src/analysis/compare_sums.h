/* SPDX-License-Identifier: MIT */
/*
 * Compares sums over all mappings with the kernel's own for the process as a whole.
 */
#pragma once

#include "model/space.h"

/* Remarks on a difference: the process has changed while it was read. */
void compare_sums(const struct space *space, const struct kernel_sums *kernel, struct notes *notes);
