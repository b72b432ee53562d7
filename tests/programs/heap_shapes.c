/* SPDX-License-Identifier: MIT */
/*
 * A heap of an unusual shape: heap_shapes WAY. WAY is foreign (other code calls sbrk(2) now and then), mapped
 * (a block with its own mapping), read (such a block and one at the end of the heap are read, never written),
 * joined (such a block, merged by the kernel with memory mapped below), alike (other memory, with two words
 * like a block's header), or corrupt (a write past a block's end). Prints an address and a size.
 */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "program.h"

static void *fill(void)
{
	char *block = NULL;

	for (size_t i = 0; i < 1000; i++) {
		char *other = malloc(100 + i);

		require(other != NULL, "malloc");
		memset(other, 1, 100 + i);
		if (i % 2)
			free(other);
		else if (i <= 500)
			block = other;
	}
	return block;
}

static void read_pages(const char *block, size_t size)
{
	require(block != NULL, "malloc");
	for (size_t i = 0; i < size; i += 4096)
		(void)*(const volatile char *)(block + i);
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "";
	size_t size = 0;
	char *block;

#ifdef M_PERTURB
	/* MALLOC_PERTURB_ may be set for the tests: it fills memory, and all of a block would be resident. */
	mallopt(M_PERTURB, 0);
#endif
	setvbuf(stdout, NULL, _IONBF, 0);
	block = fill();
	for (int i = 0; i < 5 && strcmp(way, "foreign") == 0; i++) {
		require(sbrk(5 * 4096) != (void *)-1, "sbrk");
		block = fill();
	}
	if (strcmp(way, "mapped") == 0) {
		size = 3 << 20;
		block = malloc(size);
		require(block != NULL, "malloc");
		memset(block, 1, 1 << 20);
	}
	if (strcmp(way, "read") == 0) {
		read_pages(malloc(100000), 100000);
		size = 3 << 20;
		block = malloc(size);
		read_pages(block, size);
	}
	if (strcmp(way, "joined") == 0) {
		size = 3 << 20;
		block = malloc(size);
		require(block != NULL, "malloc");
		require(mmap((char *)block - (1 << 20) - 16, 1 << 20, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != MAP_FAILED,
			"mmap");
		memset((char *)block - 16 - (1 << 20), 1, 1 << 20);
	}
	if (strcmp(way, "alike") == 0) {
		uintptr_t *words;

		size = 3 << 20;
		block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		require(block != MAP_FAILED, "mmap");
		memset(block, 1, size);
		words = (uintptr_t *)((char *)block + (1 << 20) + 16) - 2;
		words[0] = sizeof(void *) == 4 ? 8 : 0;
		words[1] = 0xe0002 - words[0];
	}
	if (strcmp(way, "corrupt") == 0)
		memset(block, 0x41, 2000);
	printf("%p %zu\n", (void *)block, size);
	ready();
	wait_for_end();
	return 0;
}
