/* SPDX-License-Identifier: MIT */
#include "base/copy_file.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/util.h"

int make_memory_file(void)
{
	int fd = memfd_create("memmap", MFD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* Where data (SEEK_DATA) or a hole (SEEK_HOLE) begins at or after an offset; `end`: not before it. */
static off_t find_next(int fd, off_t from, int what, off_t end)
{
	off_t next = lseek(fd, from, what);

	if (next < 0)
		return errno == ENXIO || what == SEEK_HOLE ? end : from;
	return MIN(next, end);
}

int copy_file_part(int fd, uint64_t at, uint64_t len, int memory_fd)
{
	struct stat st;
	off_t from = (off_t)at;
	off_t end;

	if (len > COPY_SIZE_MAX || at > INT64_MAX - len)
		return -EFBIG;
	if (fstat(fd, &st) != 0)
		return -errno;
	end = MAX(MIN(st.st_size, (off_t)(at + len)), from);
	if (ftruncate(memory_fd, end - (off_t)at) != 0)
		return -errno;
	while ((from = find_next(fd, from, SEEK_DATA, end)) < end) {
		size_t run = (size_t)(find_next(fd, from, SEEK_HOLE, end) - from);
		ssize_t n = lseek(memory_fd, from - (off_t)at, SEEK_SET) < 0 ?
				    -1 :
				    sendfile(memory_fd, fd, &from, run);

		if (n <= 0)
			return n < 0 ? -errno : 0;
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
