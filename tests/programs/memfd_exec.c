/* SPDX-License-Identifier: MIT */
/* Runs a program from memory: copies it into a memfd and executes that. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include "program.h"

int main(int argc, char **argv)
{
	int from = argc > 1 ? open(argv[1], O_RDONLY) : -1;
	int fd = memfd_create("program", MFD_CLOEXEC);
	struct stat st;

	require(from >= 0 && fstat(from, &st) == 0, "open");
	require(fd >= 0 && sendfile(fd, from, NULL, (size_t)st.st_size) == st.st_size, "memfd");
	fexecve(fd, argv + 1, environ);
	require(0, "fexecve");
}
