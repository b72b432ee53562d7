/* SPDX-License-Identifier: MIT */
/*
 * HOW PATH...: loads the shared libraries and prints the load address of each. HOW says what happens to
 * the first page of the last one: nothing ("as-mapped"); it is "written" to, so that its ELF header differs
 * from the file's; or it is "dropped" from the process's page tables.
 */
#define _GNU_SOURCE
#include <link.h>
#include <string.h>
#include <sys/mman.h>

#include "load.h"
#include "program.h"

static void write_to(ElfW(Ehdr) * header)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	require(mprotect(header, page, PROT_READ | PROT_WRITE) == 0, "mprotect");
	header->e_phnum = 1;
	require(mprotect(header, page, PROT_READ) == 0, "mprotect");
}

int main(int argc, char **argv)
{
	struct link_map *map = NULL;

	for (int i = 2; i < argc; i++) {
		map = load(argv[i]);
		printf("%#lx\n", (unsigned long)map->l_addr);
	}
	require(map != NULL, "PATH");
	if (strcmp(argv[1], "written") == 0)
		write_to((ElfW(Ehdr) *)map->l_addr);
	else if (strcmp(argv[1], "dropped") == 0)
		require(madvise((void *)map->l_addr, (size_t)sysconf(_SC_PAGESIZE), MADV_DONTNEED) == 0,
			"madvise");
	ready();
	wait_for_end();
	return 0;
}
