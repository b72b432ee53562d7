/* SPDX-License-Identifier: MIT */
/*
 * Maps, protects, splits, merges and unmaps pages of one range without a pause, while a page below
 * and a page above the range stay as they are. Prints the addresses of these two pages.
 */
#include <pthread.h>
#include <sys/mman.h>

#include "program.h"

#define PAGE 4096UL
#define PAGES 64UL

static char *range;

static void *churn(void *unused)
{
	static const int protections[] = { PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE };

	(void)unused;
	for (unsigned long i = 0;; i = i * 5 + 7) {
		unsigned long first = i / 7 % PAGES;
		unsigned long n = 1 + i / 11 % (PAGES - first);
		int protection = protections[i % 3];

		if (i % 4 == 0)
			munmap(range + first * PAGE, n * PAGE);
		else if (i % 4 == 1)
			mmap(range + first * PAGE, n * PAGE, protection,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		else
			mprotect(range + first * PAGE, n * PAGE, protection);
	}
	return NULL;
}

int main(void)
{
	pthread_t thread;
	char *p = mmap(NULL, (PAGES + 4) * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	require(p != MAP_FAILED, "mmap");
	require(mprotect(p + PAGE, PAGE, PROT_READ | PROT_EXEC) == 0, "mprotect");
	require(mprotect(p + (PAGES + 2) * PAGE, PAGE, PROT_READ | PROT_EXEC) == 0, "mprotect");
	range = p + 2 * PAGE;
	require(pthread_create(&thread, NULL, churn, NULL) == 0, "pthread_create");
	printf("%p\n%p\n", (void *)(p + PAGE), (void *)(p + (PAGES + 2) * PAGE));
	ready();
	wait_for_end();
	return 0;
}
