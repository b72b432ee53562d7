/* SPDX-License-Identifier: MIT */
/* Makes as many mappings of one page each as its argument says. */
#include <sys/mman.h>

#include "program.h"

#define PAGE 4096UL

int main(int argc, char **argv)
{
	unsigned long count = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	char *p = mmap(NULL, count * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	require(p != MAP_FAILED, "mmap");
	for (unsigned long i = 1; i < count; i += 2)
		require(mprotect(p + i * PAGE, PAGE, PROT_NONE) == 0, "mprotect");
	ready();
	wait_for_end();
	return 0;
}
