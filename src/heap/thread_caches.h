/* SPDX-License-Identifier: MIT */
/* Blocks that threads keep for themselves, which all arenas counted as used. */
#pragma once

#include "heap/heap_reader.h"

/* Counts them as cached, when all arenas have been read. */
void read_thread_caches(struct heap_reader *reader, const struct malloc_layout *layout);
