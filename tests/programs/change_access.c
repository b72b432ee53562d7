/* SPDX-License-Identifier: MIT */
/* Loads a library and changes access to its segments: change_access LIBRARY NUMBER PROT [NUMBER PROT]... */
#define _GNU_SOURCE
#include <link.h>
#include <string.h>
#include <sys/mman.h>

#include "load.h"
#include "program.h"

struct change {
	const char *name;
	int number, prot;
};

static int change(struct dl_phdr_info *info, size_t size, void *arg)
{
	const struct change *what = arg;
	unsigned long page = (unsigned long)sysconf(_SC_PAGESIZE);
	int n = 0;

	(void)size;
	if (strcmp(info->dlpi_name, what->name) != 0)
		return 0;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		unsigned long start = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
		unsigned long end = start + info->dlpi_phdr[i].p_filesz;

		if (info->dlpi_phdr[i].p_type != PT_LOAD || n++ != what->number)
			continue;
		start &= -page;
		require(mprotect((void *)start, ((end + page - 1) & -page) - start, what->prot) == 0,
			"mprotect");
	}
	return 1;
}

int main(int argc, char **argv)
{
	require(argc > 1, "LIBRARY");
	load(argv[1]);
	for (int i = 2; i + 1 < argc; i += 2) {
		struct change what = { argv[1], atoi(argv[i]), atoi(argv[i + 1]) };

		require(dl_iterate_phdr(change, &what) == 1, "dl_iterate_phdr");
	}
	ready();
	wait_for_end();
	return 0;
}
