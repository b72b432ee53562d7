/* SPDX-License-Identifier: MIT */
/*
 * A heap with known contents: heap BLOCKS LARGEST KEEP THREADS. Each thread makes blocks of up to LARGEST
 * bytes and frees all but every KEEP-th. Then the program prints what malloc reports about its arenas, and
 * READY. For each byte of input it calls malloc_trim(3), and prints its anonymous memory before and after, in KB.
 */
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "program.h"

static size_t n_blocks, largest, keep;
static pthread_barrier_t done;
static char buffer[1 << 16];

/* The sizes are the same in each run. */
static size_t next_size(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return 1 + (*seed >> 8) % largest;
}

static void fill(uint32_t seed)
{
	void **blocks = calloc(n_blocks, sizeof(*blocks));

	require(blocks != NULL, "calloc");
	for (size_t i = 0; i < n_blocks; i++) {
		size_t size = next_size(&seed);

		blocks[i] = malloc(size);
		require(blocks[i] != NULL, "malloc");
		memset(blocks[i], 1, size);
	}
	for (size_t i = 0; i < n_blocks; i++)
		if (i % keep != 0)
			free(blocks[i]);
}

static void *run(void *seed)
{
	fill((uint32_t)(uintptr_t)seed);
	pthread_barrier_wait(&done);
	pthread_barrier_wait(&done); /* never */
	return NULL;
}

/*
 * Without files: code is resident once it has run, and the kernel brings in what is around it. The counters
 * of statm may lag behind.
 */
static long anonymous(void)
{
	char text[4096] = "";
	int fd = open("/proc/self/smaps_rollup", O_RDONLY);
	const char *line = read(fd, text, sizeof(text) - 1) > 0 ? strstr(text, "\nAnonymous:") : NULL;
	long kilobytes = 0;

	require(line && sscanf(line, " Anonymous: %ld", &kilobytes) == 1, "smaps_rollup");
	close(fd);
	return kilobytes;
}

int main(int argc, char **argv)
{
	size_t n_threads = argc > 4 ? strtoul(argv[4], NULL, 10) : 0;
	char c;

	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	n_blocks = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
	largest = argc > 2 ? strtoul(argv[2], NULL, 10) : 1000;
	keep = argc > 3 ? strtoul(argv[3], NULL, 10) : 2;
	pthread_barrier_init(&done, NULL, (unsigned)n_threads + 1);
	for (size_t i = 0; i < n_threads; i++) {
		pthread_t thread;

		require(pthread_create(&thread, NULL, run, (void *)(uintptr_t)(i + 2)) == 0,
			"pthread_create");
	}
	fill(1);
	pthread_barrier_wait(&done);
#ifdef __GLIBC__
	malloc_info(0, stdout);
#endif
	ready();
	while (read(STDIN_FILENO, &c, 1) > 0) {
#ifdef __GLIBC__
		long before = anonymous();

		malloc_trim(0);
		printf("%ld %ld\n", before, anonymous());
		fflush(stdout);
#endif
	}
	return 0;
}
