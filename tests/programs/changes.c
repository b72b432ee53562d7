/* SPDX-License-Identifier: MIT */
/*
 * Reads commands that change its memory, one per line, and answers each with a line:
 *
 *   heap N      uses N more bytes of the brk heap     free       gives them back
 *   map N       maps N bytes, and uses them           unmap      unmaps this mapping
 *   grow N      grows the mapping by N bytes          move       moves it to another address
 *   protect     makes it read-only                    library F  loads a library
 *   thread NAME starts a thread with that name, which waits
 *   fork        goes on in a child, and leaves the parent as it is; the answer is the IDs of both
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "load.h"
#include "program.h"

#define AREA_MAX ((size_t)1 << 32)

static char *area;
static size_t area_size;
static char *first_break;

static void *wait_here(void *context)
{
	sem_post(context);
	pause();
	return NULL;
}

/* Maps where there is room to grow, with no other memory next to it. */
static void map(size_t size)
{
	char *room = mmap(NULL, AREA_MAX, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	require(room != MAP_FAILED && munmap(room, AREA_MAX) == 0, "room");
	area = mmap(room + AREA_MAX / 2, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	require(area != MAP_FAILED, "mmap");
	area_size = size;
	memset(area, 1, size);
}

static void resize(size_t size, int flags)
{
	area = mremap(area, area_size, size, flags, area - AREA_MAX / 4);
	require(area != MAP_FAILED, "mremap");
	memset(area, 1, size);
	area_size = size;
}

static void start_thread(const char *name)
{
	pthread_t thread;
	sem_t runs;

	sem_init(&runs, 0, 0);
	require(pthread_create(&thread, NULL, wait_here, &runs) == 0, "pthread_create");
	sem_wait(&runs);
	require(pthread_setname_np(thread, name) == 0, "pthread_setname_np");
}

static void act(const char *what, const char *arg)
{
	size_t size = strtoul(arg, NULL, 10);

	if (strcmp(what, "heap") == 0)
		memset(sbrk((intptr_t)size), 1, size);
	else if (strcmp(what, "free") == 0)
		require(brk(first_break) == 0, "brk");
	else if (strcmp(what, "map") == 0)
		map(size);
	else if (strcmp(what, "unmap") == 0)
		require(munmap(area, area_size) == 0, "munmap");
	else if (strcmp(what, "grow") == 0)
		resize(area_size + size, 0);
	else if (strcmp(what, "move") == 0)
		resize(area_size, MREMAP_MAYMOVE | MREMAP_FIXED);
	else if (strcmp(what, "protect") == 0)
		require(mprotect(area, area_size, PROT_READ) == 0, "mprotect");
	else if (strcmp(what, "library") == 0)
		load(arg);
	else if (strcmp(what, "thread") == 0)
		start_thread(arg);
	else
		require(0, what);
}

/* Parent and child have the same addresses, like one process at two times. */
static void go_on_in_child(void)
{
	if (fork() > 0)
		for (;;)
			pause();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	printf("%d %d\n", getppid(), getpid());
}

int main(void)
{
	char line[4096];
	char buffer[4096];

	/* Makes the heap, and keeps stdio from allocating buffers later. */
	free(malloc(1));
	setvbuf(stdin, buffer, _IOFBF, sizeof(buffer));
	setvbuf(stdout, NULL, _IONBF, 0);
	first_break = sbrk(0);
	ready();
	while (fgets(line, sizeof(line), stdin)) {
		char *arg = line + strcspn(line, " \n");

		line[strcspn(line, "\n")] = '\0';
		if (*arg)
			*arg++ = '\0';
		if (strcmp(line, "fork") == 0) {
			go_on_in_child();
			continue;
		}
		act(line, arg);
		puts("done");
	}
	return 0;
}
