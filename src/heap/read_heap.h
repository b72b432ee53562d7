/* SPDX-License-Identifier: MIT */
/* What glibc's malloc holds: arena by arena, and then the blocks that have their own mapping. */
#pragma once

#include "heap/walk_blocks.h"

/*
 * Reads the whole heap into *ret, which the caller frees with heap_done(). What could not be read
 * gets a note. `take`: called for each block, arenas in no particular order; may be NULL. It gets
 * only fastbin blocks as BLOCK_CACHED; when all is read, heap_is_cached() knows all cached blocks.
 */
void read_heap(struct source *source, const struct space *space, take_block_fn *take, void *context,
	       struct heap *ret, struct notes *notes);

/* The same, but only for the blocks that have their own mapping. The word size must be known. */
void read_mapped_heap(struct source *source, const struct space *space, take_block_fn *take, void *context,
		      struct heap *ret, struct notes *notes);
