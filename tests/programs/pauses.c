/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into memmap: pauses in the middle of each read of another process's memory, as the kernel may
 * at any point. The threads of the other process run on meanwhile.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BEFORE_PAUSE 64 /* bytes */
#define PAUSE 1000	/* microseconds */

static int is_memory(int fd)
{
	char link[32], path[64];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path));
	return len > 4 && memcmp(path + len - 4, "/mem", 4) == 0;
}

ssize_t pread64(int fd, void *to, size_t len, off64_t from)
{
	ssize_t first, rest;

	if (len <= BEFORE_PAUSE || !is_memory(fd))
		return syscall(SYS_pread64, fd, to, len, from);
	first = syscall(SYS_pread64, fd, to, BEFORE_PAUSE, from);
	if (first < BEFORE_PAUSE)
		return first;
	usleep(PAUSE);
	rest = syscall(SYS_pread64, fd, (char *)to + first, len - BEFORE_PAUSE, from + first);
	return rest < 0 ? first : first + rest;
}
