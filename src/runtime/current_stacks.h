/* SPDX-License-Identifier: MIT */
/*
 * Stacks that threads run on now and for which no library has a control block: of coroutines,
 * fibers and signal handlers, and of threads and processes made with clone(2). The stack pointer
 * lies in them.
 */
#pragma once

#include "model/facts.h"
#include "source/source.h"

/*
 * Adds them to facts->blocks, which are sorted, if a guard below says where they begin. Reads
 * missing stack pointers, but only if the map has room for such a stack at all.
 */
void read_current_stacks(struct source *source, struct facts *facts);
