/* SPDX-License-Identifier: MIT */
/* Loads a library and unmaps the page with its ELF headers, as software that hides does. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <sys/mman.h>

#include "program.h"

int main(int argc, char **argv)
{
	struct link_map *library = argc == 2 ? dlopen(argv[1], RTLD_NOW) : NULL;

	require(library != NULL, "dlopen");
	require(munmap((void *)library->l_addr, 4096) == 0, "munmap");
	ready();
	wait_for_end();
	return 0;
}
