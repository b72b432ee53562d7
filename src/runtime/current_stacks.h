/* SPDX-License-Identifier: MIT */
/*
 * Stacks that threads run on now and that no library has a block for: of coroutines, fibers and signal handlers, and
 * of threads and processes that were made by clone(2). The stack pointer lies in them.
 */
#pragma once

#include "model/facts.h"
#include "source/source.h"

/*
 * Adds them to facts->blocks, which are sorted, where a guard below says where they begin; stack pointers that were
 * not read yet are read where the map has room for such a stack at all.
 */
void read_current_stacks(struct source *source, struct facts *facts);
