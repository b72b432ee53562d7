/* SPDX-License-Identifier: MIT */
/*
 * Threads whose stacks are several mappings, or in memory of other sorts. Each argument is COUNT:CHANGE:PLACE:
 *
 * CHANGE  what each thread does to its own stack: none; lock or advise (a page of a buffer in the frame of
 *         run() or main(), as programs that hold keys do); inside (no access to some pages above the lowest,
 *         as in Mono); bottom (none to the lowest pages); readonly (one page); many (advise 8 separate pages)
 * PLACE   own (the C library's), memfd, shared, file, zero (/dev/zero, private), huge (hugetlb), sysv
 *
 * "main:CHANGE" does the same to the main stack. With -DENDED the threads have ended by READY.
 */
#include "report.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>

#define SIZE (1 << 20)
#define HUGE (2 << 20)
#define PAGE 4096
#define DONTDUMP 16
#define ROOM \
	(3 * PAGE) /* a buffer in the frame of the caller, large enough to contain at least one whole page */

struct thread {
	const char *argument;
	char change[16], place[16];
};

static pthread_barrier_t all_told;

static bool is(const char *word, const char *other)
{
	return strcmp(word, other) == 0;
}

static void change(const char *how, char *start, volatile char room[ROOM])
{
	char *page = (char *)(((uintptr_t)room + PAGE - 1) & ~(uintptr_t)(PAGE - 1));

	if (is(how, "lock"))
		require(mlock(page, PAGE) == 0, "mlock");
	else if (is(how, "advise"))
		require(madvise(page, PAGE, DONTDUMP) == 0, "madvise");
	else if (is(how, "inside"))
		require(mprotect(start + PAGE, 8 * PAGE, PROT_NONE) == 0, "mprotect");
	else if (is(how, "bottom"))
		require(mprotect(start, 8 * PAGE, PROT_NONE) == 0, "mprotect");
	else if (is(how, "readonly"))
		require(mprotect(page, PAGE, PROT_READ) == 0, "mprotect");
	else if (is(how, "many"))
		for (size_t i = 0; i < 16; i += 2)
			require(madvise(page - i * PAGE, PAGE, DONTDUMP) == 0, "madvise");
	else
		require(is(how, "none"), how);
}

static void *run(void *argument)
{
	const struct thread *thread = argument;
	volatile char room[ROOM] = "";
	pthread_attr_t attr;
	void *start;
	size_t size;

	require(pthread_getattr_np(pthread_self(), &attr) == 0, "pthread_getattr_np");
	pthread_attr_getstack(&attr, &start, &size);
	change(thread->change, start, room);
	report_stack(thread->argument);
	pthread_barrier_wait(&all_told);
#ifndef ENDED
	pause();
#endif
	room[0]++;
	return NULL;
}

static char *map(int flags, int fd, size_t size)
{
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);

	require(p != MAP_FAILED, "mmap");
	return p;
}

static int temporary(void)
{
	char path[] = "/var/tmp/memmap-stack-XXXXXX";
	int fd = mkstemp(path);

	require(fd >= 0 && unlink(path) == 0, "mkstemp");
	return fd;
}

/* Memory for a stack, or NULL for the C library's own. */
static char *find_place(const char *place, size_t *ret_size)
{
	int fd = -1;

	*ret_size = is(place, "huge") ? HUGE : SIZE;
	if (is(place, "own"))
		return NULL;
	if (is(place, "shared"))
		return map(MAP_SHARED | MAP_ANONYMOUS, -1, SIZE);
	if (is(place, "huge"))
		return map(MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, HUGE);
	if (is(place, "zero"))
		return map(MAP_PRIVATE, open("/dev/zero", O_RDWR), SIZE);
	if (is(place, "sysv")) {
		int id = shmget(IPC_PRIVATE, SIZE, IPC_CREAT | 0600);
		char *p = shmat(id, NULL, 0);

		require(id >= 0 && p != (char *)-1 && shmctl(id, IPC_RMID, NULL) == 0, "shmget");
		return p;
	}
	fd = is(place, "memfd") ? memfd_create("stack", 0) : is(place, "file") ? temporary() : -1;
	require(fd >= 0 && ftruncate(fd, SIZE) == 0, place);
	return map(MAP_SHARED, fd, SIZE);
}

static void start(struct thread *thread)
{
	pthread_attr_t attr;
	pthread_t id;
	size_t size;
	char *place = find_place(thread->place, &size);

	pthread_attr_init(&attr);
	if (place)
		require(pthread_attr_setstack(&attr, place, size) == 0, "setstack");
#ifdef ENDED
	else
		/* Otherwise another stack would reuse what this one leaves. */
		require(pthread_attr_setguardsize(&attr, 4 * PAGE) == 0, "setguardsize");
#endif
	require(pthread_create(&id, &attr, run, thread) == 0, "pthread_create");
#ifdef ENDED
	pthread_barrier_wait(&all_told);
	pthread_join(id, NULL);
#endif
}

int main(int argc, char **argv)
{
	struct thread *threads = calloc(1024, sizeof(*threads));
	size_t n = 0;
	volatile char room[ROOM] = "";
	char word[16];

	for (int i = 1; i < argc; i++) {
		struct thread thread = { .argument = argv[i] };
		size_t count;

		if (sscanf(argv[i], "main:%15s", word) == 1) {
			change(word, NULL, room);
			continue;
		}
		require(sscanf(argv[i], "%zu:%15[^:]:%15s", &count, thread.change, thread.place) == 3 &&
				n + count <= 1024,
			argv[i]);
		while (count-- > 0)
			threads[n++] = thread;
	}
#ifdef ENDED
	pthread_barrier_init(&all_told, NULL, 2);
#else
	pthread_barrier_init(&all_told, NULL, (unsigned)n + 1);
#endif
	for (size_t i = 0; i < n; i++)
		start(&threads[i]);
#ifndef ENDED
	pthread_barrier_wait(&all_told);
#endif
	report_stack("main");
	ready();
	wait_for_end();
	room[0]++;
	return 0;
}
