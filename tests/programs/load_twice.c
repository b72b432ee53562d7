/* SPDX-License-Identifier: MIT */
/* Loads a shared library, and then a second copy of it, and prints where its function is in each. */
#define _GNU_SOURCE
#include <dlfcn.h>

#include "program.h"

int main(int argc, char **argv)
{
	void *first = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
	void *second = first ? dlmopen(LM_ID_NEWLM, argv[1], RTLD_NOW) : NULL;

	require(second != NULL, "dlmopen");
	printf("%p\n%p\n", dlsym(first, "library_text"), dlsym(second, "library_text"));
	ready();
	wait_for_end();
	return 0;
}
