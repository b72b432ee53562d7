/* SPDX-License-Identifier: MIT */
/*
 * Blocks so large that malloc maps them, merged by the kernel with the program's own memory on both sides:
 * joined_blocks WAY. The program's own memory has nothing like a block's header (plain), headers that fit no
 * choice of blocks (other), a header with a real block's size (same), or no header, with another M_MMAP_MAX
 * (limit). Prints the number and bytes of the blocks by mallinfo2(3), and then the address of each block.
 */
#define _GNU_SOURCE
#include <malloc.h>
#include <string.h>
#include <sys/mman.h>

#include "program.h"

#define MIB ((size_t)1 << 20)
#define PAGE ((size_t)4096)
#define OWN_SIZE (MIB / 2)

/* Makes what looks like a block's header. */
static void forge(char *page, size_t bytes)
{
	size_t *header = (size_t *)(page + 16) - 2;
	size_t before = sizeof(size_t) == 4 ? 8 : 0;

	header[0] = before;
	header[1] = (bytes - before) | 2;
}

static char *map_own(void)
{
	char *own = mmap(NULL, OWN_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	require(own != MAP_FAILED, "mmap");
	memset(own, 0x55, OWN_SIZE);
	return own;
}

int main(int argc, char **argv)
{
	static const size_t sizes[] = { 2 * MIB, MIB, MIB / 4, 3 * MIB, 7 * MIB, MIB / 2, 5 * MIB };
	const char *way = argc > 1 ? argv[1] : "";
	char *blocks[8];
	size_t n = 0;
	struct mallinfo2 info;
	char *own;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (strcmp(way, "limit") == 0)
		mallopt(M_MMAP_MAX, 100);
	/* Otherwise freeing blocks raises the threshold. */
	mallopt(M_MMAP_THRESHOLD, 128 * 1024);
	require(malloc(100) != NULL, "malloc");
	for (; n < sizeof(sizes) / sizeof(*sizes); n++) {
		own = map_own();
		blocks[n] = malloc(sizes[n]);
		require(blocks[n] != NULL, "malloc");
		memset(blocks[n], 0x33, sizes[n]);
	}
	own = map_own();
	blocks[n] = memalign(1024, 6 * MIB);
	require(blocks[n] != NULL, "memalign");
	blocks[n++][0] = 1;
	own = map_own();
	if (strcmp(way, "other") == 0) {
		forge(own + 16 * PAGE, 40 * PAGE);
		/* This one would reach into a real block. */
		forge(own + 64 * PAGE, 80 * PAGE);
		forge(blocks[0] - 16 + 40 * PAGE, 50 * PAGE);
	}
	if (strcmp(way, "same") == 0)
		forge(own + 16 * PAGE, MIB / 4 + PAGE);
	info = mallinfo2();
	printf("%zu %zu\n", info.hblks, info.hblkhd);
	for (size_t i = 0; i < n; i++)
		printf("%p\n", (void *)blocks[i]);
	ready();
	wait_for_end();
	return 0;
}
