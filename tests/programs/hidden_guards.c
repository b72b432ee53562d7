/* SPDX-License-Identifier: MIT */
/*
 * Stacks as glibc 2.42 makes them: the guards have no mapping of their own (MADV_GUARD_INSTALL, Linux
 * 6.13), so adjacent stacks are one mapping. Prints "unsupported" if the kernel has no such guards.
 */
#include "report.h"

#include <sys/mman.h>

#define MADV_GUARD_INSTALL 102
#define STACKS 3
#define SIZE (1UL << 20)
#define GUARD 8192

static pthread_barrier_t all_told;

static void *run(void *unused)
{
	(void)unused;
	report_stack("hidden");
	pthread_barrier_wait(&all_told);
	for (;;)
		pause();
}

int main(void)
{
	char *base = mmap(NULL, STACKS * SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_t thread;

	require(base != MAP_FAILED, "mmap");
	pthread_barrier_init(&all_told, NULL, STACKS + 1);
	for (char *p = base; p < base + STACKS * SIZE; p += SIZE) {
		pthread_attr_t attr;

		if (madvise(p, GUARD, MADV_GUARD_INSTALL) != 0) {
			puts("unsupported");
			ready();
			return 0;
		}
		pthread_attr_init(&attr);
		require(pthread_attr_setstack(&attr, p + GUARD, SIZE - GUARD) == 0, "setstack");
		require(pthread_create(&thread, &attr, run, NULL) == 0, "pthread_create");
	}
	pthread_barrier_wait(&all_told);
	ready();
	wait_for_end();
	return 0;
}
