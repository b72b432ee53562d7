/* SPDX-License-Identifier: MIT */
/*
 * The heaps of glibc's malloc arenas, found by the header at the start of each (struct _heap_info
 * in glibc's malloc/arena.c). Needs permission to read the memory.
 */
#pragma once

#include <stdbool.h>

#include "model/facts.h"
#include "source/source.h"

/*
 * Fills facts->heaps; facts->threads must have been listed. `want_users`: also finds which threads
 * use which arena.
 */
void read_heaps(struct source *source, struct facts *facts, bool want_users);
