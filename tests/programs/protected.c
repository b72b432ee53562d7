/* SPDX-License-Identifier: MIT */
/*
 * Write-protects pages with userfaultfd(2): eight that are not in memory, for which the kernel then keeps
 * markers, and one that is. Prints the address of the first, and READY; or "refused" if the kernel cannot.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "program.h"

/* Newer than some headers (include/uapi/linux/userfaultfd.h). */
#define WP_UNPOPULATED (1 << 13)

#define PAGES 9

static int protect(char *start, size_t len)
{
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	struct uffdio_api api = { .api = UFFD_API, .features = WP_UNPOPULATED };
	struct uffdio_register range = { .range = { (unsigned long)start, len },
					 .mode = UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_WP };
	struct uffdio_writeprotect write = { .range = range.range, .mode = UFFDIO_WRITEPROTECT_MODE_WP };

	return fd >= 0 && ioctl(fd, UFFDIO_API, &api) == 0 && ioctl(fd, UFFDIO_REGISTER, &range) == 0 &&
	       ioctl(fd, UFFDIO_WRITEPROTECT, &write) == 0;
}

int main(void)
{
	size_t len = PAGES * (size_t)sysconf(_SC_PAGESIZE);
	char *start = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	require(start != MAP_FAILED && madvise(start, len, MADV_NOHUGEPAGE) == 0, "mmap");
	start[len - 1] = 1;
	if (!protect(start, len))
		puts("refused");
	else
		printf("%p\n", (void *)start);
	ready();
	wait_for_end();
	return 0;
}
