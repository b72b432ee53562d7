/* SPDX-License-Identifier: MIT */
/*
 * Where a program keeps the pointers that it begins with: variables of modules, stacks in use, control blocks of
 * threads, and all memory to write to that is not malloc's.
 */
#pragma once

#include "heap/block_index.h"

struct root {
	uint64_t start, end;
	bool is_optional; /* memory of a file: what is not there was never changed */
};

/*
 * All of them, sorted and disjoint; the caller frees them. Without what was walked of the heap, malloc's own
 * state, what stacks had below their stack pointers, and the stacks of threads that have ended.
 */
struct root *find_roots(struct source *source, const struct space *space, const struct heap *heap,
			const struct block_index *index, size_t *ret_n);
