/* SPDX-License-Identifier: MIT */
/* Replaces its auxiliary vector: lying_auxv BITS [TYPE VALUE]..., pairs of words of BITS bits. */
#include <elf.h>
#include <pthread.h>
#include <string.h>

#include "mm_map.h"

static unsigned char auxv[336];

/* Little-endian, like the processors that run this test. */
static void put(size_t i, size_t width, unsigned long value)
{
	memcpy(auxv + i * width, &value, width);
}

static pthread_barrier_t runs;

/* A running thread has registered with the kernel: memmap finds its stack by that. */
static void *second(void *unused)
{
	(void)unused;
	pthread_barrier_wait(&runs);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	size_t width = argc > 1 ? strtoul(argv[1], NULL, 0) / 8 : sizeof(long);
	struct prctl_mm_map map = own_mm_map();
	pthread_t thread;

	for (int i = 2; i < argc; i++)
		put((size_t)i - 2, width, strtoul(argv[i], NULL, 0));
	map.auxv = (void *)auxv;
	map.auxv_size = sizeof(auxv);
	if (set_mm_map(&map) != 0)
		puts(strerror(errno));
	pthread_barrier_init(&runs, NULL, 2);
	require(pthread_create(&thread, NULL, second, NULL) == 0, "pthread_create");
	pthread_barrier_wait(&runs);
	ready();
	wait_for_end();
	return 0;
}
