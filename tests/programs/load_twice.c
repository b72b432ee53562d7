/* SPDX-License-Identifier: MIT */
/* Loads a shared library and then a second copy of it. Prints the address of its function in each. */
#define _GNU_SOURCE
#include "load.h"
#include "program.h"

int main(int argc, char **argv)
{
	void *first, *second;

	require(argc > 1, "LIBRARY");
	first = load(argv[1]);
	second = loaded(dlmopen(LM_ID_NEWLM, argv[1], RTLD_NOW));
	printf("%p\n%p\n", dlsym(first, "library_text"), dlsym(second, "library_text"));
	ready();
	wait_for_end();
	return 0;
}
