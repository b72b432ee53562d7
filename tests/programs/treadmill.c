/* SPDX-License-Identifier: MIT */
/*
 * Keeps COUNT mappings of a page each, which it moves up through its address space without a pause: it removes
 * the lowest ones, and makes as many above the highest.
 */
#include <sys/mman.h>

#include "program.h"

#define PAGE 4096UL
#define STEP (2 * PAGE) /* of two pages, one stays free, or the kernel would merge them */
#define AT_ONCE 64UL
#define LOWEST 0x10000000UL
#define HIGHEST 0x500000000000UL

static unsigned long make(unsigned long p, unsigned long count)
{
	for (unsigned long i = 0; i < count; i++, p += STEP)
		require(mmap((void *)p, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) !=
				MAP_FAILED,
			"mmap");
	return p;
}

int main(int argc, char **argv)
{
	unsigned long count = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	unsigned long lowest = LOWEST, end = make(lowest, count);

	ready();
	for (; end < HIGHEST; lowest += AT_ONCE * STEP) {
		munmap((void *)lowest, AT_ONCE * STEP);
		end = make(end, AT_ONCE);
	}
	return 0;
}
