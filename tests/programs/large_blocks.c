/* SPDX-License-Identifier: MIT */
/*
 * Memory with mappings of its own: malloc blocks, and memory that the program maps itself and that may look
 * like them. Prints a line for each: what made it, and its address.
 */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "program.h"

#define MIB ((size_t)1 << 20)
#define PAGE ((uintptr_t)4096)

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

/* Keeps the next mapping from merging with this one: the kernel maps from high addresses to low ones. */
static void close_below(const void *p)
{
	uintptr_t start = (uintptr_t)p & -PAGE;

	mmap((void *)(start - PAGE), PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1,
	     0);
}

static void *show(const char *what, void *p)
{
	require(p != NULL && p != MAP_FAILED, what);
	printf("%s %p\n", what, p);
	return p;
}

/* A block's header is in its first page. */
static void make(const char *what, void *block)
{
	close_below((size_t *)show(what, block) - 2);
}

/* Maps memory like malloc for 1 MiB, but with other words in place of the header. */
static void map(const char *what, size_t before, size_t header)
{
	size_t *p = mmap(NULL, MIB + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t place = sizeof(size_t) == 4 ? 2 : 0;

	require(p != MAP_FAILED, "mmap");
	if (before != 0 || header != 0) {
		p[place] = before;
		p[place + 1] = header;
	}
	close_below(show(what, p));
}

int main(void)
{
	size_t own = sizeof(size_t) == 4 ? 8 : 0; /* how far malloc's header is from the start */
	size_t size = MIB + PAGE - own;

	setvbuf(stdout, NULL, _IONBF, 0);
	make("malloc", malloc(MIB));
	make("malloc-100M", malloc(100 * MIB));
	make("calloc", calloc(3, MIB));
	make("realloc", realloc(malloc(MIB), 5 * MIB));
	make("memalign-64", memalign(64, MIB));
	make("memalign-256", memalign(256, MIB));
	make("memalign-page", memalign(PAGE, MIB));
	show("joined-malloc", malloc(MIB));
	make("malloc-joined", malloc(2 * MIB));
	map("own-untouched", 0, 0);
	map("own-other-place", own + 16, size | 2);
	map("own-other-flags", own, size | 3);
	map("own-no-flags", own, size);
	map("own-too-large", own, (size + PAGE) | 2);
	map("own-part-of-page", own, (size - 512) | 2);
	ready();
	wait_for_end();
	return 0;
}
