/* SPDX-License-Identifier: MIT */
/* A heap that grows to BYTES without pause: heap_grow BYTES. Nothing is freed. */
#include "program.h"

#define SIZE 100

int main(int argc, char **argv)
{
	size_t n = (argc > 1 ? strtoul(argv[1], NULL, 10) : 1) / SIZE;

	ready();
	for (size_t i = 0; i < n; i++) {
		char *block = malloc(SIZE);

		require(block != NULL, "malloc");
		*block = 1;
	}
	wait_for_end();
	return 0;
}
