/* SPDX-License-Identifier: MIT */
/*
 * What malloc() gives to threads: arenas WAY [COUNT], where WAY is
 *
 * own      COUNT threads, each with an arena of its own
 * shared   COUNT threads, with one arena besides the main one
 * grown    one thread, with more blocks than one heap of its arena can hold
 * shrunk   as in "grown", but most blocks are freed again
 * decoy    COUNT threads as in "own", and memory in the shape of an arena's heap
 * crossed  two threads as in "own", each with the address of the other's arena in a thread-local variable
 * joined   three heaps of arenas, in use up to their ends, which are one mapping
 */
#include "report.h"

#include <sys/mman.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#define THREADS_MAX 2048
#define ROOM ((sizeof(void *) == 8 ? 64UL : 1UL) << 20)
#define BLOCK 60000
#define BLOCKS_MAX 2400 /* fills two heaps and a part of a third */

static const char *way;
static pthread_barrier_t all_told, both_there;
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static void *blocks[BLOCKS_MAX];

static void *arenas[2];
static __thread void *volatile others_arena;

static void fill(void)
{
	for (size_t i = 0; i < BLOCKS_MAX; i++) {
		blocks[i] = malloc(BLOCK);
		require(blocks[i] != NULL, "malloc");
		*(volatile char *)blocks[i] = 1;
	}
}

static void tell_blocks(size_t n)
{
	for (size_t i = 0; i < n; i += 10)
		report_heap(blocks[i], way);
	report_heap(blocks[n - 1], way);
}

/* A heap begins with the address of its arena. */
static void cross(void)
{
	static size_t n;
	void *block;
	size_t i;

	pthread_mutex_lock(&one_at_a_time);
	i = n++;
	block = malloc(1000);
	arenas[i] = *(void **)((uintptr_t)block & ~(ROOM - 1));
	report_heap(block, way);
	pthread_mutex_unlock(&one_at_a_time);
	pthread_barrier_wait(&both_there);
	others_arena = arenas[1 - i];
}

/* Heaps as malloc() makes them, one below the other, each full to the last byte. */
static void make_joined(void)
{
	char *p = mmap(NULL, 4 * ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		       -1, 0);
	char *start = (char *)(((uintptr_t)p + ROOM - 1) & ~(ROOM - 1));

	require(p != MAP_FAILED, "mmap");
	munmap(start + 3 * ROOM, (size_t)(p + ROOM - start));
	if (start > p)
		munmap(p, (size_t)(start - p));
	madvise(start, 3 * ROOM, MADV_NOHUGEPAGE);
	for (char *heap = start; heap < start + 3 * ROOM; heap += ROOM) {
		const uintptr_t header[] = { (uintptr_t)heap + 0x30, 0, ROOM, ROOM };

		memcpy(heap, header, sizeof(header));
		report_heap(heap, way);
	}
}

static void *run(void *unused)
{
	(void)unused;
	if (strcmp(way, "grown") == 0) {
		fill();
		tell_blocks(BLOCKS_MAX);
	} else if (strcmp(way, "shrunk") == 0) {
		fill();
		for (size_t i = BLOCKS_MAX; i-- > 100;)
			free(blocks[i]);
		tell_blocks(100);
	} else if (strcmp(way, "crossed") == 0) {
		cross();
	} else {
		/* malloc() hands out arenas in turn, unless threads contend for them. */
		pthread_mutex_lock(&one_at_a_time);
		report_heap(malloc(1000), "block");
		pthread_mutex_unlock(&one_at_a_time);
	}
	pthread_barrier_wait(&all_told);
	for (;;)
		pause();
}

/* Memory in the shape of a heap, with words that might be its header, but are not. */
static void make_decoys(void)
{
	static const uintptr_t contents[][4] = {
		{ 0, 0, 0, 0 },
		{ 0x30, 0, 0x21000, 0x21000 },
		{ UINTPTR_MAX, UINTPTR_MAX, UINTPTR_MAX, UINTPTR_MAX },
	};

	for (size_t i = 0; i < sizeof(contents) / sizeof(*contents); i++) {
		char *p = mmap(NULL, 2 * ROOM, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		char *start = (char *)(((uintptr_t)p + ROOM - 1) & ~(ROOM - 1));

		require(p != MAP_FAILED, "mmap");
		munmap(p, (size_t)(start - p));
		munmap(start + ROOM, (size_t)(p + ROOM - start));
		require(mprotect(start, 0x21000, PROT_READ | PROT_WRITE) == 0, "mprotect");
		memcpy(start, contents[i], sizeof(contents[i]));
		report_heap(start, "decoy");
	}
}

int main(int argc, char **argv)
{
	size_t count = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
	pthread_t thread;

	require(argc > 1 && count <= THREADS_MAX, "arguments");
	way = argv[1];
#ifdef __GLIBC__
	if (strcmp(way, "shared") == 0)
		mallopt(M_ARENA_MAX, 2);
	if (strcmp(way, "own") == 0 || strcmp(way, "decoy") == 0 || strcmp(way, "crossed") == 0)
		mallopt(M_ARENA_MAX, THREADS_MAX + 1);
#endif
	if (strcmp(way, "decoy") == 0)
		make_decoys();
	if (strcmp(way, "joined") == 0)
		make_joined();
	pthread_barrier_init(&both_there, NULL, 2);
	pthread_barrier_init(&all_told, NULL, (unsigned)count + 1);
	for (size_t i = 0; i < count; i++)
		require(pthread_create(&thread, NULL, run, NULL) == 0, "pthread_create");
	pthread_barrier_wait(&all_told);
	ready();
	wait_for_end();
	return 0;
}
