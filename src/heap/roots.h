/* SPDX-License-Identifier: MIT */
/*
 * Where a program keeps the pointers from which all others are reached: variables of modules,
 * stacks in use, control blocks of threads, and all other writable memory that is neither malloc's
 * nor a shared mapping of an ordinary file.
 */
#pragma once

#include "heap/block_index.h"

struct root {
	uint64_t start, end;
	bool is_optional; /* memory of a file: missing pages were never changed */
};

/*
 * All roots, sorted and disjoint; the caller frees them. Left out are the walked parts of the heap,
 * malloc's own state, stacks below their stack pointers, and the stacks of threads that have ended.
 */
struct root *find_roots(struct source *source, const struct space *space, const struct heap *heap,
			const struct block_index *index, size_t *ret_n);
