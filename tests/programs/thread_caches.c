/* SPDX-License-Identifier: MIT */
/*
 * Many blocks of the sizes that hold a thread's cache in some version of glibc, and then a thread
 * that keeps 7 blocks in its cache: thread_caches N [fake]. fake: each of the N blocks of each size
 * looks like a cache that holds a block of 24 bytes.
 */
#include <malloc.h>
#include <pthread.h>

#include "program.h"

static const struct {
	size_t size, counts;
} shapes[] = { { 0x248, 64 }, { 0x288, 128 }, { 0x2f8, 152 } };

static pthread_barrier_t done;

static void *run(void *unused)
{
	void *blocks[7];

	(void)unused;
	for (int i = 0; i < 7; i++) {
		blocks[i] = malloc(1000);
		require(blocks[i] != NULL, "malloc");
	}
	for (int i = 0; i < 7; i++)
		free(blocks[i]);
	pthread_barrier_wait(&done);
	pthread_barrier_wait(&done); /* never */
	return NULL;
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 1;
	void *held = calloc(1, 24);
	pthread_t thread;

	mallopt(M_ARENA_MAX, 1);
	for (int i = 0; i < 3 * n; i++) {
		void **block = calloc(1, shapes[i % 3].size);

		require(held != NULL && block != NULL, "calloc");
		if (argc > 2)
			block[shapes[i % 3].counts / sizeof(*block)] = held;
	}
	pthread_barrier_init(&done, NULL, 2);
	require(pthread_create(&thread, NULL, run, NULL) == 0, "pthread_create");
	pthread_barrier_wait(&done);
	ready();
	wait_for_end();
	return 0;
}
