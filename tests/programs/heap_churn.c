/* SPDX-License-Identifier: MIT */
/* Threads that allocate and free without pause: heap_churn THREADS. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "program.h"

#define N_BLOCKS 4096

static void *run(void *seed)
{
	uint32_t state = (uint32_t)(uintptr_t)seed;
	void *blocks[N_BLOCKS] = { NULL };

	for (;;) {
		size_t i;

		state = state * 1664525 + 1013904223;
		i = (state >> 8) % N_BLOCKS;
		free(blocks[i]);
		blocks[i] = malloc(1 + (state >> 12) % ((state & 255) ? 600 : 60000));
		require(blocks[i] != NULL, "malloc");
		memset(blocks[i], (int)state, 1);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
	pthread_t thread;

	for (size_t i = 0; i < n; i++)
		require(pthread_create(&thread, NULL, run, (void *)(uintptr_t)(i + 1)) == 0,
			"pthread_create");
	ready();
	wait_for_end();
	return 0;
}
