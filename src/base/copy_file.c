/* SPDX-License-Identifier: MIT */
#include "base/copy_file.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/types.h>

#include "base/util.h"

int make_memory_file(void)
{
	int fd = memfd_create("memmap", MFD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int copy_file_part(int fd, uint64_t at, uint64_t len, int memory_fd)
{
	off_t from = (off_t)at;

	if (len > COPY_SIZE_MAX || at > INT64_MAX - len)
		return -EFBIG;
	while (len > 0) {
		ssize_t n = sendfile(memory_fd, fd, &from, len);

		if (n <= 0)
			return n < 0 ? -errno : 0;
		len -= (uint64_t)n;
	}
	return 0;
}

int copy_file(int fd, int memory_fd)
{
	uint64_t done = 0;
	off_t at = 0;

	for (;;) {
		ssize_t n = sendfile(memory_fd, fd, &at, COPY_SIZE_MAX + 1 - done);

		if (n <= 0)
			return n < 0 ? -errno : 0;
		done += (uint64_t)n;
		if (done > COPY_SIZE_MAX)
			return -EFBIG;
	}
}
