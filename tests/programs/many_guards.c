/* SPDX-License-Identifier: MIT */
/*
 * many_guards COUNT [readable]: makes COUNT pages that look like stacks, each with a guard below, and a thread
 * without a control block. "readable": below each page is not a guard but a page that can be read.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <sys/mman.h>

#include "program.h"

#define PAGE 4096UL

static char stack[1 << 16] __attribute__((aligned(16)));

static int wait_forever(void *unused)
{
	(void)unused;
	for (;;)
		pause();
	return 0;
}

int main(int argc, char **argv)
{
	unsigned long count = argc >= 2 ? strtoul(argv[1], NULL, 10) : 0;
	int below = argc == 3 ? PROT_READ : PROT_NONE;
	char *p = mmap(NULL, 2 * count * PAGE, below, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	require(p != MAP_FAILED, "mmap");
	for (unsigned long i = 0; i < count; i++)
		require(mprotect(p + (2 * i + 1) * PAGE, PAGE, PROT_READ | PROT_WRITE) == 0, "mprotect");
	require(clone(wait_forever, stack + sizeof(stack),
		      CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, NULL) > 0,
		"clone");
	ready();
	wait_for_end();
	return 0;
}
