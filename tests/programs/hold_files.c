/* SPDX-License-Identifier: MIT */
/*
 * Maps one page of each file that it is given, and prints the addresses. With -x the pages are executable and
 * have been read.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "program.h"

int main(int argc, char **argv)
{
	int is_executable = argc > 1 && strcmp(argv[1], "-x") == 0;

	for (int i = 1 + is_executable; i < argc; i++) {
		int fd = open(argv[i], O_RDONLY);
		void *p = mmap(NULL, 4096, PROT_READ | (is_executable ? PROT_EXEC : 0), MAP_PRIVATE, fd, 0);

		require(fd >= 0 && p != MAP_FAILED, argv[i]);
		if (is_executable)
			(void)*(volatile char *)p;
		close(fd);
		printf("%p\n", p);
	}
	ready();
	wait_for_end();
	return 0;
}
