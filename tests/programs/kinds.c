/* SPDX-License-Identifier: MIT */
/* Memory with each set of access rights that a filter may ask for; prints the addresses. */
#include <sys/mman.h>

#include "program.h"

#define MIB (1UL << 20)

static void *map(size_t size, int protection, int type)
{
	void *p = mmap(NULL, size, protection, type | MAP_ANONYMOUS, -1, 0);

	require(p != MAP_FAILED, "mmap");
	return p;
}

int main(void)
{
	printf("rwxp %p\n", map(3 * MIB, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE));
	printf("r-xp %p\n", map(5 * MIB, PROT_READ | PROT_EXEC, MAP_PRIVATE));
	printf("rw-s %p\n", map(7 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED));
	printf("---p %p\n", map(9 * MIB, PROT_NONE, MAP_PRIVATE));
	ready();
	wait_for_end();
	return 0;
}
