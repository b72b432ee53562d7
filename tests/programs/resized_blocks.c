/* SPDX-License-Identifier: MIT */
/*
 * Blocks so large that malloc maps them; one is resized over and over: resized_blocks TIMES [LIMIT]. LIMIT is
 * the number of blocks that malloc may map. Prints the size of each block's mapping.
 */
#include <malloc.h>

#include "program.h"

#define MIB ((size_t)1 << 20)
#define PAGE ((size_t)4096)

static void *resize(void *block, size_t size)
{
	block = realloc(block, size);
	require(block != NULL, "realloc");
	return block;
}

int main(int argc, char **argv)
{
	static void *blocks[2];
	long n = argc > 1 ? atol(argv[1]) : 1;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (argc > 2)
		mallopt(M_MMAP_MAX, atoi(argv[2]));
	for (size_t i = 0; i < 2; i++)
		blocks[i] = resize(NULL, 3 * MIB);
	for (long i = 0; i < n; i++)
		blocks[0] = resize(blocks[0], (size_t)(1 + i % 2) * MIB);
	printf("%zu\n%zu\n", (size_t)(1 + (n - 1) % 2) * MIB + PAGE, 3 * MIB + PAGE);
	ready();
	wait_for_end();
	return 0;
}
