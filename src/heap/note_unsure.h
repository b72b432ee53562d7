/* SPDX-License-Identifier: MIT */
/* What may lead to the blocks that only may be lost, and how to find out. */
#pragma once

#include "heap/pointers.h"
#include "model/leaks.h"

/* No note where there are no such blocks. `most`: the largest unread piece outside of blocks; it may be empty. */
void note_unsure(const struct leaks *leaks, const struct facts *facts, const struct unread_range *most,
		 struct notes *notes);
