/* SPDX-License-Identifier: MIT */
/* What may lead to the blocks that only may be lost, and how to find out. */
#pragma once

#include "heap/pointers.h"
#include "model/leaks.h"

/* Nothing where there are none. `most`: the largest piece of memory that was not read, empty where it is in blocks. */
void note_unsure(const struct leaks *leaks, const struct facts *facts, const struct unread_range *most,
		 struct notes *notes);
