/* SPDX-License-Identifier: MIT */
/* What malloc's heap holds: glibc's, arena by arena, and then the blocks that have a mapping of their own. */
#pragma once

#include "heap/walk_blocks.h"

/*
 * Reads all of it into *ret, which the caller frees with heap_done(). What could not be read is a note.
 * `take`: called for each block, in no order of arenas; BLOCK_CACHED only of the small lists of arenas, and
 * heap_is_cached() knows all in the end. May be NULL.
 */
void read_heap(struct source *source, const struct space *space, take_block_fn *take, void *context,
	       struct heap *ret, struct notes *notes);

/* The same of the blocks that have a mapping of their own only. The word size is known. */
void read_mapped_heap(struct source *source, const struct space *space, take_block_fn *take, void *context,
		      struct heap *ret, struct notes *notes);
