/* SPDX-License-Identifier: MIT */
/*
 * Threads on stacks of every sort. Each argument is COUNT:ACTIVITY:PLACE:GUARD:SIZE[:NAME]:
 *
 * ACTIVITY  spin, sleep, futex, pipe; or ended (joined) or detached: these threads are gone by READY
 * PLACE     own (the C library's), malloc, mmap, bss, guarded (mmap, above a page without access),
 *           inside (mmap, with as much untouched memory above it)
 * SIZE      0 for the C library's default
 *
 * With -DHIDE_GUARDS the C library's stacks have guards without a mapping of their own (MADV_GUARD_INSTALL,
 * Linux 6.13), as in glibc 2.42.
 *
 * The argument "leader-exits" ends only the main thread.
 */
#include "report.h"

#include <stdbool.h>
#include <sys/mman.h>
#include <time.h>

#define THREADS_MAX 512
#define BSS_STACK (256 << 10)

struct thread {
	const char *argument, *name;
	char activity[16], place[16];
	size_t guard, size;
	pthread_t id;
	long tid;
};

static struct thread threads[THREADS_MAX];
static size_t n_threads;
static char bss_stacks[4][BSS_STACK] __attribute__((aligned(4096)));
static size_t n_bss_stacks;
static pthread_barrier_t all_told;
static pthread_mutex_t never = PTHREAD_MUTEX_INITIALIZER;
static int nothing[2];

static bool is(const char *word, const char *other)
{
	return strcmp(word, other) == 0;
}

static bool has_ended(const struct thread *thread)
{
	return is(thread->activity, "ended") || is(thread->activity, "detached");
}

static void *run(void *argument)
{
	struct thread *thread = argument;
	char c;

	thread->tid = syscall(SYS_gettid);
	if (thread->name)
		pthread_setname_np(pthread_self(), thread->name);
	report_stack(thread->argument);
	pthread_barrier_wait(&all_told);
	if (is(thread->activity, "spin"))
		for (volatile unsigned i = 0;; i++)
			;
	if (is(thread->activity, "sleep"))
		for (;;)
			nanosleep(&(struct timespec){ .tv_sec = 1000 }, NULL);
	if (is(thread->activity, "futex"))
		pthread_mutex_lock(&never);
	if (is(thread->activity, "pipe"))
		require(read(nothing[0], &c, 1) < 0, "read");
	require(has_ended(thread), "activity");
	return NULL;
}

static void *find_bounds(const struct thread *thread)
{
	char *p = MAP_FAILED;

	if (is(thread->place, "malloc"))
		return malloc(thread->size);
	if (is(thread->place, "bss"))
		return bss_stacks[n_bss_stacks++];
	if (is(thread->place, "mmap") || is(thread->place, "guarded") || is(thread->place, "inside"))
		p = mmap(NULL, thread->size + 4096 + (is(thread->place, "inside") ? thread->size : 0),
			 PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	require(p != MAP_FAILED, "place");
	/* Otherwise the kernel may bring in several pages at once. */
	if (is(thread->place, "inside"))
		madvise(p, 2 * thread->size + 4096, MADV_NOHUGEPAGE);
	if (is(thread->place, "guarded"))
		require(mprotect(p, 4096, PROT_NONE) == 0, "mprotect");
	return p + 4096;
}

/* Must run before the next stack is mapped below: the guard's mapping becomes one with this stack's. */
static void hide_guard(const struct thread *thread)
{
	pthread_attr_t attr;
	void *stack;
	size_t size, guard;
	char *p;

	require(pthread_getattr_np(thread->id, &attr) == 0, "pthread_getattr_np");
	pthread_attr_getstack(&attr, &stack, &size);
	pthread_attr_getguardsize(&attr, &guard);
	pthread_attr_destroy(&attr);
	p = (char *)stack - guard;
	require(guard == 0 || mprotect(p, guard, PROT_READ | PROT_WRITE) == 0, "mprotect");
	require(guard == 0 || madvise(p, guard, 102) == 0, "MADV_GUARD_INSTALL");
}

static void start(struct thread *thread)
{
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setguardsize(&attr, thread->guard);
	if (!is(thread->place, "own"))
		require(pthread_attr_setstack(&attr, find_bounds(thread), thread->size) == 0, "setstack");
	else if (thread->size > 0)
		require(pthread_attr_setstacksize(&attr, thread->size) == 0, "setstacksize");
	if (is(thread->activity, "detached"))
		pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	require(pthread_create(&thread->id, &attr, run, thread) == 0, "pthread_create");
#ifdef HIDE_GUARDS
	if (is(thread->place, "own"))
#else
	if (false)
#endif
		hide_guard(thread);
}

static void parse(const char *argument)
{
	struct thread thread = { .argument = argument };
	size_t count;
	int n = 0;

	require(sscanf(argument, "%zu:%15[^:]:%15[^:]:%zu:%zu%n", &count, thread.activity, thread.place,
		       &thread.guard, &thread.size, &n) == 5 &&
			n > 0 && n_threads + count <= THREADS_MAX,
		argument);
	if (argument[n] == ':') {
		thread.name = argument + n + 1;
		thread.argument = "named";
	}
	while (count-- > 0)
		threads[n_threads++] = thread;
}

/* A detached thread cannot be joined: waits until the kernel has no thread with this ID. */
static void wait_until_gone(const struct thread *thread)
{
	if (is(thread->activity, "ended"))
		pthread_join(thread->id, NULL);
	else
		while (syscall(SYS_tgkill, getpid(), thread->tid, 0) == 0)
			usleep(1000);
}

int main(int argc, char **argv)
{
	bool leader_exits = false;

	for (int i = 1; i < argc; i++) {
		if (is(argv[i], "leader-exits"))
			leader_exits = true;
		else
			parse(argv[i]);
	}
	require(pipe(nothing) == 0, "pipe");
	pthread_mutex_lock(&never);
	pthread_barrier_init(&all_told, NULL, (unsigned)n_threads + 1);
	for (size_t i = 0; i < n_threads; i++)
		start(&threads[i]);
	pthread_barrier_wait(&all_told);
	for (size_t i = 0; i < n_threads; i++)
		if (has_ended(&threads[i]))
			wait_until_gone(&threads[i]);
	report_stack("main");
	ready();
	if (leader_exits)
		pthread_exit(NULL);
	wait_for_end();
	return 0;
}
