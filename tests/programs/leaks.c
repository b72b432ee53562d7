/* SPDX-License-Identifier: MIT */
/*
 * Blocks that are lost, and blocks that only look lost: leaks SHAPE..., see `shapes`. Each shape has its own
 * sizes. Prints READY when all are made, and ends when its input closes: a leak checker then reports leaks.
 */
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "program.h"

#define N 100
#define NOINLINE __attribute__((noinline))

struct node {
	struct node *next;
	char rest[];
};

static struct node *make(size_t size, struct node *next)
{
	struct node *node = calloc(1, size);

	require(node != NULL, "calloc");
	node->next = next;
	return node;
}

/* ---- lost ---- */

static NOINLINE void lost(void)
{
	for (size_t i = 0; i < N; i++)
		memset(malloc(500), 1, 500);
}

/* Each list has a head that nothing points to. */
static NOINLINE void lists(void)
{
	for (size_t i = 0; i < N; i++)
		make(600, make(700, make(700, NULL)));
}

static NOINLINE void pairs(void)
{
	for (size_t i = 0; i < N; i++)
		make(640, make(640, NULL));
}

static NOINLINE void circles(void)
{
	for (size_t i = 0; i < N; i++) {
		struct node *last = make(800, NULL);

		last->next = make(800, last);
	}
}

/* Large blocks have a mapping each. */
static NOINLINE void mapped(void)
{
	for (size_t i = 0; i < 3; i++)
		memset(malloc(1000000), 1, 1000000);
}

static __thread void *own;

static void *lose_and_end(void *unused)
{
	void *volatile here = malloc(900);

	own = malloc(1000);
	memset(here, 1, 900);
	(void)unused;
	return NULL;
}

static NOINLINE void ended(void)
{
	for (size_t i = 0; i < N; i++) {
		pthread_t thread;

		require(pthread_create(&thread, NULL, lose_and_end, NULL) == 0, "pthread_create");
		pthread_join(thread, NULL);
	}
}

/* Memory that the kernel leaves out of a core file: it was never written to. */
static NOINLINE void untouched(void)
{
	require(mmap(NULL, 4 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED,
		"mmap");
}

/* ---- reached ---- */

static void *variables[N];

static NOINLINE void held(void)
{
	for (size_t i = 0; i < N; i++)
		variables[i] = make(1100, make(1200, make(1200, NULL)));
}

/* As for an array with a count before it, a second base class, or the tail of a list. */
static char *inside[N], *last_word[N];

static NOINLINE void inner(void)
{
	for (size_t i = 0; i < N; i++) {
		inside[i] = (char *)malloc(1304) + 8;
		last_word[i] = (char *)malloc(1304) + 1296;
	}
}

static NOINLINE void circles_held(void)
{
	static struct node *one;

	one = make(1400, NULL);
	one->next = make(1400, one);
}

static NOINLINE void cached(void)
{
	void *blocks[N];

	for (size_t i = 0; i < N; i++)
		blocks[i] = malloc(i % 2 ? 40 : 104);
	for (size_t i = 0; i < N; i++)
		free(blocks[i]);
}

static pthread_key_t key;
static pthread_barrier_t barrier;

static void *hold_and_stay(void *unused)
{
	void *volatile here = malloc(1500);

	own = malloc(1600);
	pthread_setspecific(key, malloc(1700));
	(void)unused;
	pthread_barrier_wait(&barrier);
	for (;;)
		pause();
	return here;
}

static NOINLINE void threads(void)
{
	pthread_key_create(&key, NULL);
	pthread_barrier_init(&barrier, NULL, 4);
	for (size_t i = 0; i < 3; i++) {
		pthread_t thread;

		require(pthread_create(&thread, NULL, hold_and_stay, NULL) == 0, "pthread_create");
	}
	pthread_barrier_wait(&barrier);
}

static void *give(void *unused)
{
	(void)unused;
	return malloc(1800);
}

static pthread_t waiting[3];

/* The results of ended threads, for the thread that will join them. */
static NOINLINE void results(void)
{
	for (size_t i = 0; i < 3; i++)
		require(pthread_create(&waiting[i], NULL, give, NULL) == 0, "pthread_create");
	usleep(100000);
}

static const struct {
	const char *name;
	void (*make)(void);
} shapes[] = {
	{ "lost", lost },	    { "lists", lists },	    { "circles", circles },
	{ "mapped", mapped },	    { "ended", ended },	    { "held", held },
	{ "inner", inner },	    { "cached", cached },   { "circles-held", circles_held },
	{ "threads", threads },	    { "results", results }, { "pairs", pairs },
	{ "untouched", untouched },
};

/* Overwrites what earlier calls left on the stack. */
static NOINLINE void scrub(void)
{
	volatile char room[65536];

	for (size_t i = 0; i < sizeof(room); i++)
		room[i] = 0;
}

/*
 * Keeps a pointer only in a register while the program waits: to the block that malloc(3) returned, or to the
 * header before it, as malloc(3) itself does while it works.
 */
static NOINLINE void hold_in_register(size_t header)
{
#ifdef __x86_64__
	register void *block __asm__("r12") = (char *)malloc(1900) - header;

	__asm__ volatile("movq %0, %%r12\n"
			 "1: movl $0, %%eax; movl $0, %%edi; leaq -4096(%%rsp), %%rsi; movl $1, %%edx\n"
			 "syscall; cmpq $0, %%rax; jg 1b\n"
			 : "+r"(block)
			 :
			 : "rax", "rdi", "rsi", "rdx", "rcx", "r11", "memory");
#else
	(void)header;
	wait_for_end();
#endif
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	for (int i = 1; i < argc; i++)
		for (size_t k = 0; k < sizeof(shapes) / sizeof(shapes[0]); k++)
			if (strcmp(argv[i], shapes[k].name) == 0)
				shapes[k].make();
	scrub();
	ready();
	if (argc > 1 && strcmp(argv[argc - 1], "register") == 0)
		hold_in_register(0);
	if (argc > 1 && strcmp(argv[argc - 1], "header") == 0)
		hold_in_register(16);
	wait_for_end();
	return 0;
}
