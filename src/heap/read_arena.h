/* SPDX-License-Identifier: MIT */
/* Reads one malloc arena and counts its blocks. */
#pragma once

#include "heap/heap_reader.h"

/* Adds the arena to the heap. `state`: as read before; it may be newer afterwards. */
void read_arena(struct heap_reader *reader, const struct malloc_layout *layout, enum arena_kind kind,
		struct malloc_state *state);
