/* SPDX-License-Identifier: MIT */
/*
 * Stands still with a frame pointer to a page that only it could bring into memory (userfaultfd(2)), and does not.
 * Its code has no unwind tables. x86-64.
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

int main(void)
{
	long fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .range = { (unsigned long)page, 4096 },
					 .mode = UFFDIO_REGISTER_MODE_MISSING };

	if (fd < 0) {
		puts("refused");
		return 1;
	}
	require(page != MAP_FAILED && ioctl((int)fd, UFFDIO_API, &api) == 0, "UFFDIO_API");
	require(ioctl((int)fd, UFFDIO_REGISTER, &range) == 0, "UFFDIO_REGISTER");
	puts("READY");
	fflush(stdout);
	__asm__ volatile("mov %0, %%rbp\n1: mov $34, %%eax\nsyscall\njmp 1b" : : "r"(page + 64) : "memory");
}
