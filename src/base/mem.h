/* SPDX-License-Identifier: MIT */
/*
 * Allocation that succeeds or ends the program: memmap is a short-lived command, and an
 * error path that nobody can reach is an error path that nobody has tested.
 */
#pragma once

#include <stddef.h>

#include "base/util.h"

/* Call this first. */
void mem_init(void);

void *mem_alloc(size_t size);			   /* zeroed */
void *mem_array(size_t n, size_t size);		   /* n objects of size bytes, uninitialized */
void *mem_realloc(void *p, size_t n, size_t size); /* likewise; keeps the contents */
char *mem_copy(const void *p, size_t len);	   /* len bytes and a NUL after them */

/* Like qsort(3), but does nothing if the items are in order already, as they mostly are. */
void mem_sort(void *items, size_t n, size_t size, int (*compare)(const void *, const void *));

char *mem_format(const char *fmt, ...) _printf_(1, 2);

/*
 * Like mem_realloc(), for arrays that may become large; only the first `used` bytes are kept. *n is
 * the number of objects to make room for; on return, the number there is room for.
 */
void *mem_enlarge(void *p, size_t used, size_t *n, size_t size);

/* Ends the program, because a library failed to allocate memory. */
void mem_exhausted(void) __attribute__((noreturn));

/*
 * Makes room for one more element in a growable array: `items` is a pointer variable, `n` the
 * number in use, `cap` the variable with the number there is room for. The first time, makes room
 * for `first`, at least 1: unused memory costs nothing, moving an array does.
 */
#define mem_grow_from(items, n, cap, first)                                              \
	do {                                                                             \
		if ((n) == (cap)) {                                                      \
			size_t used_ = (cap) * sizeof(*(items));                         \
                                                                                         \
			(cap) = (cap) ? (cap)*2 : (first);                               \
			(items) = mem_enlarge((items), used_, &(cap), sizeof(*(items))); \
		}                                                                        \
	} while (0)

#define mem_grow(items, n, cap) mem_grow_from(items, n, cap, 16)
