/* SPDX-License-Identifier: MIT */
#include "stalls.h"

#include <inttypes.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "program.h"

/*
 * Sixteen buckets for each power of two: a time is exact to six per cent. Times below sixteen
 * nanoseconds, which do not occur, have a bucket each.
 */
enum { FINE_BITS = 4, FINE = 1 << FINE_BITS, N_BUCKETS = (64 - FINE_BITS + 1) * FINE };

struct histogram {
	uint64_t counts[N_BUCKETS];
	uint64_t n, worst;
	uint64_t total, stalled; /* time of all rounds, and of long ones */
};

#define LONG 1000000 /* nanoseconds: no round takes so long unless something holds it up */

static struct histogram window;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static unsigned bucket_of(uint64_t value)
{
	unsigned shift;

	if (value < FINE)
		return (unsigned)value;
	shift = 63 - FINE_BITS - (unsigned)__builtin_clzll(value);
	return (shift + 1) * FINE + (unsigned)(value >> shift) % FINE;
}

/* The least value of a bucket. */
static uint64_t value_of(unsigned bucket)
{
	if (bucket < FINE)
		return bucket;
	return (uint64_t)(FINE + bucket % FINE) << (bucket / FINE - 1);
}

static uint64_t percentile(const struct histogram *h, unsigned percent)
{
	uint64_t left = h->n * percent / 100;
	unsigned i = 0;

	while (i < N_BUCKETS - 1 && left >= h->counts[i])
		left -= h->counts[i++];
	return value_of(i);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void count(uint64_t time)
{
	pthread_mutex_lock(&lock);
	window.counts[bucket_of(time)]++;
	window.n++;
	window.total += time;
	window.stalled += time > LONG ? time : 0;
	if (time > window.worst)
		window.worst = time;
	pthread_mutex_unlock(&lock);
}

static void *map_and_unmap(void *unused)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	for (;;) {
		uint64_t begin = now();
		char *p = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		require(p != MAP_FAILED, "mmap");
		*(volatile char *)p = 1;
		munmap(p, page);
		count(now() - begin);
	}
	return unused;
}

static void tell_window(void)
{
	static struct histogram seen;

	pthread_mutex_lock(&lock);
	seen = window;
	memset(&window, 0, sizeof(window));
	pthread_mutex_unlock(&lock);
	printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", seen.n,
	       percentile(&seen, 50), percentile(&seen, 99), seen.worst, seen.total, seen.stalled);
	fflush(stdout);
}

void measure_stalls(void)
{
	pthread_t thread;
	int c;

	require(pthread_create(&thread, NULL, map_and_unmap, NULL) == 0, "pthread_create");
	ready();
	while ((c = getchar()) != EOF)
		if (c == '\n')
			tell_window();
}
