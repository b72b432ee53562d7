/* SPDX-License-Identifier: MIT */
/*
 * A thread tells the kernel that its list of robust futexes is OFFSET bytes above the start of a page that
 * was never touched, between two pages that were. Prints where that page is: "untouched ADDRESS".
 *
 * With the argument "userfaultfd" the program registers to handle the faults of these pages, and never
 * does. Prints "unsupported" if it may not register.
 */
#include "report.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

static pthread_barrier_t told_kernel;

static void *run(void *list)
{
	require(syscall(SYS_set_robust_list, list, sizeof(struct robust_list_head)) == 0, "set_robust_list");
	pthread_barrier_wait(&told_kernel);
	for (;;)
		pause();
}

/* The descriptor stays open: without it a fault would not wait for an answer. */
static int answer_faults_of(char *start, size_t size)
{
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register faults = {
		.range = { .start = (uintptr_t)start, .len = size },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	return fd >= 0 && ioctl(fd, UFFDIO_API, &api) == 0 && ioctl(fd, UFFDIO_REGISTER, &faults) == 0;
}

int main(int argc, char **argv)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	pthread_t thread;
	char *base;

	require(argc >= 2, "arguments");
	base = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	require(base != MAP_FAILED, "mmap");
	/* Otherwise the kernel may bring in several pages at once. */
	madvise(base, 3 * page, MADV_NOHUGEPAGE);
	base[0] = base[2 * page] = 1;
	if (argc > 2 && strcmp(argv[2], "userfaultfd") == 0 && !answer_faults_of(base, 3 * page)) {
		puts("unsupported");
		ready();
		return 0;
	}
	pthread_barrier_init(&told_kernel, NULL, 2);
	require(pthread_create(&thread, NULL, run, base + page + strtol(argv[1], NULL, 0)) == 0,
		"pthread_create");
	pthread_barrier_wait(&told_kernel);
	printf("untouched %p\n", (void *)(base + page));
	ready();
	wait_for_end();
	return 0;
}
