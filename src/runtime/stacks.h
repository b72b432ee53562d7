/* SPDX-License-Identifier: MIT */
/*
 * Where each thread's stack lies. The kernel does not say, but a C library keeps a control block at
 * the top of each stack, and these can be found:
 *
 * - get_robust_list(2) gives an address inside glibc's block, under the same permission as maps.
 *   Together with the guard below and the end of the mapping above, that is mostly enough.
 * - If memory may be read, the block's own fields say where the stack begins and ends, even if the
 *   stack is part of something else, or was left behind by a thread.
 * - Blocks that nothing points to (musl, 32-bit glibc) are found in memory by their contents.
 */
#pragma once

#include "model/facts.h"
#include "source/source.h"

/* Fills facts->blocks; facts->threads must have been listed. */
void read_stacks(struct source *source, struct facts *facts);
