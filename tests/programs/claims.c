/* SPDX-License-Identifier: MIT */
/*
 * Threads that register control blocks with the kernel that are not the C library's: claims START:PAGES...,
 * one thread each. Its block says, as glibc's does, that these pages of one mapping are the thread's stack.
 */
#include "report.h"

#include <linux/futex.h>
#include <sys/mman.h>

#define PAGES 64

/* The layout that memmap knows: the list of robust futexes, followed by the bounds of the stack. */
struct block {
	struct robust_list_head list;
	uintptr_t unused;
	uintptr_t start;
	size_t size, guard, reported_guard;
};

struct claim {
	char *start, *end;
	const char *argument;
};

static pthread_barrier_t told_kernel;

static void *run(void *argument)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const struct claim *claim = argument;
	struct block *block = (struct block *)(claim->end - page + 256);

	block->list.list.next = &block->list.list;
	block->start = (uintptr_t)claim->start;
	block->size = (size_t)(claim->end - claim->start);
	require(syscall(SYS_set_robust_list, &block->list, sizeof(block->list)) == 0, "set_robust_list");
	printf("stack %ld %p %p 0 %p %p %s\n", (long)syscall(SYS_gettid), (void *)claim->start,
	       (void *)claim->end, (void *)claim->start, (void *)block, claim->argument);
	pthread_barrier_wait(&told_kernel);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	static struct claim claims[8];
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *base = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_t thread;

	require(base != MAP_FAILED && argc <= 8, "arguments");
	pthread_barrier_init(&told_kernel, NULL, (unsigned)argc);
	for (int i = 1; i < argc; i++) {
		size_t start, n;

		require(sscanf(argv[i], "%zu:%zu", &start, &n) == 2 && start + n <= PAGES, argv[i]);
		claims[i] = (struct claim){ base + start * page, base + (start + n) * page, argv[i] };
		require(pthread_create(&thread, NULL, run, &claims[i]) == 0, "pthread_create");
	}
	pthread_barrier_wait(&told_kernel);
	ready();
	wait_for_end();
	return 0;
}
