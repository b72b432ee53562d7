/* SPDX-License-Identifier: MIT */
/* Notes what may lead to the unsure blocks, and how to find out. */
#pragma once

#include "heap/pointers.h"
#include "model/leaks.h"

/*
 * Adds no note if there are no unsure blocks. `most`: the largest unread piece outside of blocks;
 * it may be empty.
 */
void note_unsure(const struct leaks *leaks, const struct facts *facts, const struct unread_range *most,
		 struct notes *notes);
