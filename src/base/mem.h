/* SPDX-License-Identifier: MIT */
/*
 * Allocation that succeeds or ends the program: memmap is a short-lived command, and an
 * error path that nobody can reach is an error path that nobody has tested.
 */
#pragma once

#include <stddef.h>

#include "base/util.h"

/* To be called first. */
void mem_init(void);

void *mem_alloc(size_t size);			   /* zeroed */
void *mem_array(size_t n, size_t size);		   /* n objects of size bytes, with anything in them */
void *mem_realloc(void *p, size_t n, size_t size); /* likewise, with what was there */
char *mem_copy(const void *p, size_t len);	   /* len bytes and a NUL after them */

/* As qsort(3); no work where all is in order already, as it mostly is. */
void mem_sort(void *items, size_t n, size_t size, int (*compare)(const void *, const void *));

char *mem_format(const char *fmt, ...) _printf_(1, 2);

/*
 * As mem_realloc(), for what may become large; of the bytes there are `used` are kept. *n is how many
 * objects there must be room for, and then, how many there is room for.
 */
void *mem_enlarge(void *p, size_t used, size_t *n, size_t size);

/* Ends the program; for what a library failed to allocate. */
void mem_exhausted(void) __attribute__((noreturn));

/*
 * Makes room for one more element in a growable array: `items` is a pointer variable, `n`
 * the number in use, `cap` the variable that holds the number there is room for. The first
 * time there is room for `first`, at least 1: memory that is not used costs nothing, to move does.
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
