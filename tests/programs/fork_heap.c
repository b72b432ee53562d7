/* SPDX-License-Identifier: MIT */
/*
 * A heap, a large block, a thread with a stack, and a child that shares all their pages: since the fork,
 * only the stacks were written to.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#include "program.h"

#define N 20000
#define SIZE 500
#define LARGE ((size_t)8 << 20)

static void *fill(size_t size)
{
	void *block = malloc(size);

	require(block != NULL, "malloc");
	return memset(block, 1, size);
}

static void *wait_in_thread(void *large)
{
	for (;;)
		pause();
	return large;
}

int main(void)
{
	void **blocks = fill(N * sizeof(*blocks));
	pthread_t thread;

	for (size_t i = 0; i < N; i++)
		blocks[i] = fill(SIZE);
	require(pthread_create(&thread, NULL, wait_in_thread, fill(LARGE)) == 0, "pthread_create");
	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	puts("READY");
	fflush(stdout);
	getchar();
	return blocks[0] == NULL;
}
