/* SPDX-License-Identifier: MIT */
/*
 * What parts of anonymous memory are used for: thread stacks, their guards, heaps of malloc
 * arenas. From what threads and memory have told; where these are silent, from shapes, and
 * only from shapes that nothing else has.
 */
#pragma once

#include "model/addrspace.h"

/* Fills as->extents; read_threads() and read_heaps() have been called, or say nothing. */
void find_extents(struct addrspace *as);
