/* SPDX-License-Identifier: MIT */
/*
 * Waits with a frame pointer to a page that only this process could bring into memory (userfaultfd(2)), but
 * does not; or to a page of a file, which it never reads. Its code has no unwind tables. x86-64.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static void require(int condition, const char *what)
{
	if (condition)
		return;
	perror(what);
	exit(1);
}

/* A page that only this process could bring into memory; NULL if the kernel refuses. */
static char *own_page(void)
{
	long fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .range = { (unsigned long)page, 4096 },
					 .mode = UFFDIO_REGISTER_MODE_MISSING };

	if (fd < 0)
		return NULL;
	require(page != MAP_FAILED && ioctl((int)fd, UFFDIO_API, &api) == 0, "UFFDIO_API");
	require(ioctl((int)fd, UFFDIO_REGISTER, &range) == 0, "UFFDIO_REGISTER");
	return page;
}

/* The last page of a file. */
static char *file_page(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	off_t size = lseek(fd, 0, SEEK_END);
	char *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, (size - 1) & -4096);

	require(fd >= 0 && size > 0 && page != MAP_FAILED, path);
	return page;
}

int main(int argc, char **argv)
{
	char *page = argc > 1 ? file_page(argv[1]) : own_page();

	if (!page) {
		puts("refused");
		return 1;
	}
	puts("READY");
	fflush(stdout);
	__asm__ volatile("mov %0, %%rbp\n1: mov $34, %%eax\nsyscall\njmp 1b" : : "r"(page + 64) : "memory");
}
