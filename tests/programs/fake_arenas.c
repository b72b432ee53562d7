/* SPDX-License-Identifier: MIT */
/*
 * Variables that look like main arenas of glibc's malloc: fake_arenas WAY N. WAY is chains (N of them, each with
 * a chain of arenas that leads into a loop elsewhere), empty (N of them, without memory), long (one without memory,
 * whose chain has N other arenas) or corrupt (one without memory, whose chain leads to an arena with N heaps, all
 * of them corrupt).
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "program.h"

#define ROOM (UINT64_C(1) << 26) /* between heaps of arenas */
#define N_BINS 127
#define BEFORE_BINS 12 /* words */
#define N_MAX 1200
#define RUN 288 /* words from one place that looks like an arena to the next */

static uint64_t variables[N_MAX * RUN + 8] = { 1 }; /* not in .bss */

/* Room for heaps of arenas, of which only the pages that are asked for exist. */
static uint64_t reserve(size_t n)
{
	char *p = mmap(NULL, (n + 1) * ROOM, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	require(p != MAP_FAILED, "mmap");
	return ((uintptr_t)p + ROOM - 1) & ~(ROOM - 1);
}

static uint64_t *use(uint64_t address)
{
	require(mprotect((void *)(uintptr_t)address, 4096, PROT_READ | PROT_WRITE) == 0, "mprotect");
	return (uint64_t *)(uintptr_t)address;
}

/* Two heaps whose arenas lead to each other, however many words come before an arena's bins. */
static uint64_t make_loop(void)
{
	uint64_t address = reserve(2);
	uint64_t *first = use(address);
	uint64_t *second = use(address + ROOM);

	for (size_t before = 0; before <= 32; before++) {
		first[2 + before + 2 * N_BINS + 2] = address + ROOM + 16;
		second[2 + before + 2 * N_BINS + 2] = address + 16;
	}
	return address + 16;
}

/* Many words that may be bins, of which one is empty. */
static void make_chains(size_t n)
{
	uint64_t loop = make_loop();

	require(n <= N_MAX, "too many");
	for (size_t i = 0; i < n; i++) {
		uint64_t *words = variables + 2 + i * RUN;

		for (size_t k = 0; k < RUN - 1; k++)
			words[k] = loop;
		words[284] = words[285] = (uintptr_t)&words[282];
	}
}

/* An arena that has got no memory yet. Returns the word that leads to the next arena. */
static uint64_t *make_empty(size_t i)
{
	uint64_t *state = variables + 2 + i * RUN;
	uint64_t *bins = state + BEFORE_BINS;

	for (size_t k = 0; k < 2 * N_BINS; k++)
		bins[k] = (uintptr_t)(bins + (k & ~(size_t)1) - 2);
	bins[-2] = (uintptr_t)(bins - 2);
	bins[2 * N_BINS + 2] = (uintptr_t)state;
	return &bins[2 * N_BINS + 2];
}

static void make_long(size_t n)
{
	uint64_t address = reserve(n);
	uint64_t *next = make_empty(0);
	uint64_t main = *next;

	for (size_t i = 0; i < n; i++) {
		*next = address + i * ROOM + 32;
		next = use(address + i * ROOM) + 4 + BEFORE_BINS + 2 * N_BINS + 2;
	}
	*next = main;
}

static void make_corrupt(size_t n)
{
	uint64_t address = reserve(n);
	uint64_t *main_next = make_empty(0);
	uint64_t *state = use(address) + 4;
	uint64_t *next = state + BEFORE_BINS + 2 * N_BINS + 2;

	for (size_t i = 0; i < n; i++) {
		uint64_t *heap = use(address + i * ROOM);

		heap[0] = address + 32;
		heap[1] = i == 0 ? 0 : address;
		heap[2] = heap[3] = 4096;
		if (i > 0)
			heap[5] = 0x7fff0001;
	}
	next[0] = *main_next;
	next[3] = next[4] = n * 4096;
	state[BEFORE_BINS - 2] = address + 3072;
	*main_next = address + 32;
}

int main(int argc, char **argv)
{
	const char *way = argc > 2 ? argv[1] : "";
	size_t n = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;

	variables[0] = 0;
	if (strcmp(way, "chains") == 0)
		make_chains(n);
	else if (strcmp(way, "empty") == 0)
		for (size_t i = 0; i < n && i < N_MAX; i++)
			make_empty(i);
	else if (strcmp(way, "long") == 0)
		make_long(n);
	else if (strcmp(way, "corrupt") == 0)
		make_corrupt(n);
	ready();
	wait_for_end();
	return 0;
}
