/* SPDX-License-Identifier: MIT */
/*
 * Where each thread's stack lies. Nothing in the kernel says so, but a C library keeps a
 * control block at the top of each, and these can be found:
 *
 * - get_robust_list(2) gives an address inside glibc's block, under the same permission as maps.
 *   With the guard below and the end of the mapping above that is mostly all there is to know.
 * - Where memory may be read, the block's own fields say where the stack begins and ends: also of
 *   stacks that are a part of something else, and of those that a thread has left behind.
 * - Blocks that nothing points to (musl, 32-bit glibc) are found in memory by what they contain.
 */
#pragma once

#include "model/facts.h"
#include "source/source.h"

/* Fills facts->blocks; facts->threads have been listed. */
void read_stacks(struct source *source, struct facts *facts);
