/* SPDX-License-Identifier: MIT */
/* One arena of malloc: its blocks counted. */
#pragma once

#include "heap/heap_reader.h"

/* Adds it to the heap. `state`: as read before; it may be newer then. */
void read_arena(struct heap_reader *reader, const struct malloc_layout *layout, enum arena_kind kind,
		struct malloc_state *state);
