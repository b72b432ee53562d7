/* SPDX-License-Identifier: MIT */
#include "base/mem.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

void mem_init(void)
{
#ifdef M_TOP_PAD
	/* Larger steps than glibc's: the program does not live long enough to give memory back. */
	mallopt(M_TOP_PAD, 512 << 10);
#endif
}

void mem_exhausted(void)
{
	fputs("memmap: out of memory\n", stderr);
	exit(EXIT_FAILURE);
}

static void *checked(void *p)
{
	if (!p)
		mem_exhausted();
	return p;
}

void *mem_alloc(size_t size)
{
	return checked(calloc(1, size ? size : 1));
}

void *mem_array(size_t n, size_t size)
{
	return mem_realloc(NULL, n, size);
}

void *mem_realloc(void *p, size_t n, size_t size)
{
	return checked(reallocarray(p, n ? n : 1, size));
}

/*
 * Large arrays ask for huge pages, if the system has them: faulting in a small page takes longer
 * than filling it.
 */
#define HUGE_PAGE ((size_t)2 << 20)
#define LARGE (HUGE_PAGE / 4)

void *mem_enlarge(void *p, size_t used, size_t *n, size_t size)
{
	size_t bytes;
	void *fresh;

	if (__builtin_mul_overflow(*n, size, &bytes) || bytes > SIZE_MAX - HUGE_PAGE)
		mem_exhausted();
	if (bytes < LARGE)
		return mem_realloc(p, *n, size);
	bytes = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
	fresh = checked(aligned_alloc(HUGE_PAGE, bytes));
	madvise(fresh, bytes, MADV_HUGEPAGE);
	if (used > 0)
		memcpy(fresh, p, used);
	free(p);
	*n = bytes / size;
	return fresh;
}

char *mem_copy(const void *p, size_t len)
{
	char *copy = checked(malloc(len + 1));

	if (len)
		memcpy(copy, p, len);
	copy[len] = '\0';
	return copy;
}

void mem_sort(void *items, size_t n, size_t size, int (*compare)(const void *, const void *))
{
	const char *item = items;

	for (size_t i = 1; i < n; i++, item += size)
		if (compare(item, item + size) > 0) {
			qsort(items, n, size, compare);
			return;
		}
}

char *mem_format(const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		mem_exhausted();
	return text;
}
