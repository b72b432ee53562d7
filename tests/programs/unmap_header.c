/* SPDX-License-Identifier: MIT */
/* Loads a library and unmaps the page with its ELF headers, like software that hides itself. */
#define _GNU_SOURCE
#include <link.h>
#include <sys/mman.h>

#include "load.h"
#include "program.h"

int main(int argc, char **argv)
{
	struct link_map *library;

	require(argc == 2, "LIBRARY");
	library = load(argv[1]);
	require(munmap((void *)library->l_addr, 4096) == 0, "munmap");
	ready();
	wait_for_end();
	return 0;
}
