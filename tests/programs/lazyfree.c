/* SPDX-License-Identifier: MIT */
/*
 * Memory that was partly given back (MADV_FREE), but that the kernel has not taken yet. Prints a line "lazy
 * NAME START END FREED" for each sort: FREED is the end of the part given back.
 */
#include "program.h"

#include <string.h>
#include <sys/mman.h>

#define SIZE (1 << 20)

static void make(const char *name, size_t freed, int is_written_again, int advice)
{
	char *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	require(p != MAP_FAILED && madvise(p, SIZE, advice) == 0, "mmap");
	memset(p, 1, SIZE);
	require(freed == 0 || madvise(p, freed, MADV_FREE) == 0, "MADV_FREE");
	if (is_written_again)
		memset(p, 2, freed);
	printf("lazy %s %p %p %p\n", name, (void *)p, (void *)(p + SIZE), (void *)(p + freed));
}

int main(int argc, char **argv)
{
	(void)argv;
	make("plain", 0, 0, MADV_NOHUGEPAGE);
	if (argc == 1) {
		make("freed", SIZE, 0, MADV_NOHUGEPAGE);
		make("half", SIZE / 2, 0, MADV_NOHUGEPAGE);
		make("again", SIZE, 1, MADV_NOHUGEPAGE);
	}
	ready();
	wait_for_end();
	return 0;
}
