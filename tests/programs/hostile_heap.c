/* SPDX-License-Identifier: MIT */
/*
 * A program that forges malloc's structures so that reading them takes as long as possible: hostile_heap WAY.
 * Its own data has what looks like the main arena of a C library. Hundreds of thread caches begin with the same
 * long list (caches), or many arenas do (arenas). Large blocks have no memory but their headers (sparse), which is
 * also true of a heap of one TiB with a wrong size in it (broken), and of blocks with their own mapping (mapped).
 * The C library's own malloc counts a block without a header (lost).
 * 64-bit only.
 */
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "program.h"

#define PAGE ((size_t)4096)
#define MIB ((size_t)1 << 20)
#define ROOM ((size_t)64 * MIB) /* of an arena's heap */
#define N_BINS 254		/* words */

static uint64_t data[1024] = { 1 };

static char *map(size_t size, int access)
{
	char *start = mmap(NULL, size, access, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	require(start != MAP_FAILED, "mmap");
	madvise(start, size, MADV_NOHUGEPAGE);
	return start;
}

static uint64_t address(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

static void set_header(char *block, uint64_t header)
{
	((uint64_t *)block)[1] = header;
}

/* Makes the main arena with its list of the smallest blocks, its top, and the next arena (NULL: none). */
static void make_arena(const void *fast, const void *top, uint64_t system, const void *next)
{
	uint64_t *state = data + 16;
	uint64_t *bins = state + 12;
	uint64_t *behind = bins + N_BINS + 2;

	data[0] = 0;
	for (size_t i = 0; i < N_BINS; i += 2)
		bins[i] = bins[i + 1] = address(&bins[i - 2]);
	state[0] = address(fast);
	bins[-2] = top ? address(top) : address(bins - 2);
	behind[0] = next ? address(next) : address(state);
	behind[3] = behind[4] = system;
}

/* Makes a list of `n` small blocks that overlap; links point `ahead` bytes past where a block starts. */
static void make_list(char *at, size_t n, size_t ahead)
{
	for (size_t i = 0; i < n; i++, at += 16) {
		uint64_t *link = (uint64_t *)at + 2;
		uint64_t next = i + 1 < n ? address(at) + 16 + ahead : 0;

		set_header(at, 0x21);
		*link = next ? next ^ address(link) >> 12 : 0;
	}
}

#define CACHE_SIZE ((size_t)0x290)
#define N_CACHES ((size_t)200)
#define LIST_MAX ((size_t)1 << 17) /* blocks */

static void make_caches(void)
{
	size_t size = MIB + 16 * LIST_MAX;
	char *heap = map(size, PROT_READ | PROT_WRITE);
	char *rest = heap + N_CACHES * CACHE_SIZE;
	char *top = heap + size - PAGE;

	for (char *cache = heap; cache < rest; cache += CACHE_SIZE) {
		set_header(cache, CACHE_SIZE | 1);
		((uint64_t *)cache)[2 + 16] = address(rest) + 48;
	}
	set_header(rest, (uint64_t)(top - rest) | 1);
	make_list(rest + 32, LIST_MAX, 16);
	set_header(top, PAGE | 1);
	make_arena(NULL, top, size, NULL);
}

#define N_ARENAS ((size_t)200)

static void make_arenas(void)
{
	char *list = map(MIB + 16 * LIST_MAX, PROT_READ | PROT_WRITE);
	char *room = map((N_ARENAS + 1) * ROOM, PROT_NONE);
	char *first = room + (-address(room) & (ROOM - 1));

	make_list(list, LIST_MAX, 0);
	make_arena(list, NULL, 0, first + 16);
	for (size_t i = 0; i < N_ARENAS; i++) {
		uint64_t *state = (uint64_t *)(first + i * ROOM) + 2;
		char *next = first + (i + 1) * ROOM + 16;

		require(mprotect(first + i * ROOM, PAGE, PROT_READ | PROT_WRITE) == 0, "mprotect");
		state[0] = address(list);
		state[12 + N_BINS + 2] = i + 1 < N_ARENAS ? address(next) : address(data + 16);
	}
}

/* Large blocks of which only the headers exist. */
static void make_sparse(void)
{
	const size_t n = 1000;
	const size_t size = 63 * MIB;
	char *heap = map(n * size + PAGE, PROT_READ | PROT_WRITE);

	for (size_t i = 0; i < n; i++)
		set_header(heap + i * size, size | 1);
	set_header(heap + n * size, PAGE | 1);
	make_arena(NULL, heap + n * size, n * size + PAGE, NULL);
}

#define TIB ((size_t)1 << 40)

/* A heap of almost no memory whose second block has an impossible size: the end of it is far away. */
static void make_broken(void)
{
	char *heap = map(TIB - MIB, PROT_READ | PROT_WRITE);
	char *top = heap + TIB - MIB - PAGE;

	set_header(heap, 0x21);
	set_header(top, PAGE);
	make_arena(NULL, top, TIB - MIB, NULL);
}

/* Blocks with a mapping of their own. */
static void make_mapped(void)
{
	for (size_t i = 0; i < 100; i++)
		set_header(map(TIB, PROT_READ | PROT_WRITE), TIB | 2);
	make_arena(NULL, NULL, 0, NULL);
}

/* malloc counts a block that is not to be found. The test makes a core file say that another mapping is huge. */
static void make_lost(void)
{
	void *own = (void *)(uintptr_t)0x100000000000;
	char *block = malloc(MIB);

	data[0] = 0;
	require(block && mmap(own, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
			      0) == own,
		"mmap");
	set_header(block - 16, 0);
}

static const struct {
	const char *name;
	void (*make)(void);
} ways[] = {
	{ "caches", make_caches }, { "arenas", make_arenas }, { "sparse", make_sparse },
	{ "broken", make_broken }, { "mapped", make_mapped }, { "lost", make_lost },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (argc > 1 && strcmp(argv[1], ways[i].name) == 0)
			ways[i].make();
	require(data[0] == 0, "no such way");
	ready();
	wait_for_end();
	return 0;
}
