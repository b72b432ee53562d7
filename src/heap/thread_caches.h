/* SPDX-License-Identifier: MIT */
/* Blocks in threads' caches (tcache), which the arenas counted as used. */
#pragma once

#include "heap/heap_reader.h"

/* Counts these blocks as cached; call it when all arenas have been read. */
void read_thread_caches(struct heap_reader *reader, const struct malloc_layout *layout);
