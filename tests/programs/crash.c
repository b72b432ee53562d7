/* SPDX-License-Identifier: MIT */
/*
 * A process with several threads that prints addresses of its memory, waits, and crashes as its argument
 * says: "segv", "noncanonical", "execute", "fpe" or "abort". Thread 2 crashes, inside three functions with
 * known names. With a second argument, the process also has a large reservation.
 */
#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "../truth/truth.h"

int initialised = 1;
char touched[10000], untouched[100000];
const char constant[] = "constant";
static const char *way;
static sem_t told, named, go;

__attribute__((noinline)) void innermost(void)
{
	volatile int zero = 0;

	if (strcmp(way, "segv") == 0)
		*(volatile int *)0x123 = 1;
#ifdef __LP64__
	if (strcmp(way, "noncanonical") == 0)
		*(volatile int *)0x1234567812345678 = 1;
#endif
	if (strcmp(way, "execute") == 0)
		((void (*)(void))touched)();
	if (strcmp(way, "fpe") == 0)
		zero = 100 / zero;
	abort();
}

__attribute__((noinline)) void middle(void)
{
	volatile char room[1000] = { 0 };

	innermost();
	room[0] = room[1];
}

static void *outermost(void *number)
{
	volatile char local = 0;

	tell(&local, "stack", "local", NULL);
	tell(memset(checked(malloc(3000), "malloc"), 1, 3000), "heap", "arena", NULL);
	sem_post(&told);
	if (*(int *)number == 2) {
		prctl(PR_SET_NAME, "second");
		sem_post(&named);
		sem_wait(&go);
		middle();
	}
	pause();
	return NULL;
}

static void tell_places(const char *file)
{
	char *heap = checked(malloc(1000), "malloc");
	char *anon = checked(mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
			     "mmap");
	char *shared =
		checked(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), "mmap");

	heap[0] = anon[5000] = shared[0] = touched[0] = 1;
	tell(heap, "heap", "malloc", NULL);
	tell(anon + 5000, "anon", "mmap", NULL);
	tell(shared, "shm", "shared", NULL);
	tell(&initialised, "data", "initialised", file);
	tell(touched + 5000, "bss", "touched", file);
	tell(untouched + 50000, "bss", "untouched", file);
	tell(constant, "rodata", "constant", file);
	tell(&heap, "stack", "local", NULL);
}

static void tell_reservation(void)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

	tell(checked(mmap(NULL, (size_t)1 << 28, PROT_NONE, flags, -1, 0), "mmap"), "reserved", "reserved",
	     NULL);
}

int main(int argc, char **argv)
{
	static int numbers[] = { 1, 2, 3 };
	pthread_t thread;

	way = argv[1];
	sem_init(&told, 0, 0);
	sem_init(&named, 0, 0);
	sem_init(&go, 0, 0);
	tell_places(argv[0]);
	if (argc > 2)
		tell_reservation();
	for (int i = 0; i < 3; i++) {
		pthread_create(&thread, NULL, outermost, &numbers[i]);
		sem_wait(&told);
	}
	sem_wait(&named);
	ready_and_wait();
	sem_post(&go);
	pause();
}
