/* SPDX-License-Identifier: MIT */
/* Maps one page of each file that it is given, and prints the addresses. */
#include <fcntl.h>
#include <sys/mman.h>

#include "program.h"

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		int fd = open(argv[i], O_RDONLY);
		void *p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);

		require(fd >= 0 && p != MAP_FAILED, argv[i]);
		close(fd);
		printf("%p\n", p);
	}
	ready();
	wait_for_end();
	return 0;
}
