/* SPDX-License-Identifier: MIT */
/*
 * A mapping of .data and .bss, most of which was never touched. With an argument, all of the program's pages
 * are in memory.
 */
#include <sys/mman.h>

#include "program.h"

char data[1 << 20] = { 1 };
char zeroes[100];

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		require(mlockall(MCL_CURRENT) == 0, "mlockall");
	ready();
	wait_for_end();
	return 0;
}
