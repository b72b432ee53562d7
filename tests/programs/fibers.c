/* SPDX-License-Identifier: MIT */
/*
 * Threads that run on stacks that the thread library does not know. Each argument is WHO:WHAT:
 *
 * WHO   main, thread (a new one), or clone (a process that shares memory with this one)
 * WHAT  coroutine, signal (on an alternate stack), or locked (a coroutine that locks a page of its stack);
 *       each stack is above a page without access
 *
 * Prints a line for each: "fiber PID TID START END WHAT". START is above the page without access.
 */
#include "report.h"

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>

#define SIZE (256 << 10)
#define PAGE 4096

struct fiber {
	const char *what;
	char *stack;
	ucontext_t outer, inner;
};

static pthread_barrier_t running;
static _Thread_local struct fiber *mine;
static volatile int n_clones;

static char *make_stack(void)
{
	char *p = mmap(NULL, SIZE + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1,
		       0);

	require(p != MAP_FAILED && mprotect(p, PAGE, PROT_NONE) == 0, "mmap");
	/* Otherwise memory mapped right above would become one mapping with it. */
	require(madvise(p, SIZE + PAGE, MADV_DONTFORK) == 0, "madvise");
	return p + PAGE;
}

static void stay(void)
{
	char c;

	printf("fiber %d %ld %p %p %s\n", getpid(), (long)syscall(SYS_gettid), (void *)mine->stack,
	       (void *)(mine->stack + SIZE), mine->what);
	if (strcmp(mine->what, "locked") == 0)
		require(mlock(mine->stack + SIZE - 8 * PAGE, PAGE) == 0, "mlock");
	pthread_barrier_wait(&running);
	if (syscall(SYS_gettid) == getpid())
		ready();
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	_exit(0);
}

static void handle(int signal)
{
	(void)signal;
	stay();
}

static void *run(void *argument)
{
	struct fiber *fiber = argument;

	mine = fiber;
	fiber->stack = make_stack();
	if (strcmp(fiber->what, "signal") == 0) {
		sigaltstack(&(stack_t){ .ss_sp = fiber->stack, .ss_size = SIZE }, NULL);
		signal(SIGUSR1, handle);
		sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = handle, .sa_flags = SA_ONSTACK }, NULL);
		raise(SIGUSR1);
	}
	getcontext(&fiber->inner);
	fiber->inner.uc_stack.ss_sp = fiber->stack;
	fiber->inner.uc_stack.ss_size = SIZE;
	makecontext(&fiber->inner, stay, 0);
	swapcontext(&fiber->outer, &fiber->inner);
	return NULL;
}

static int run_clone(void *stack)
{
	char c;

	dprintf(STDOUT_FILENO, "fiber %ld %ld %p %p clone\n", (long)syscall(SYS_getpid),
		(long)syscall(SYS_gettid), stack, (void *)((char *)stack + SIZE));
	n_clones = 1;
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	syscall(SYS_exit, 0);
	return 0;
}

int main(int argc, char **argv)
{
	struct fiber *fiber = calloc(16, sizeof(*fiber));
	struct fiber *ours = NULL;
	pthread_t id;

	pthread_barrier_init(&running, NULL, (unsigned)argc - 1);
	for (int i = 1; i < argc; i++, fiber++) {
		fiber->what = strchr(argv[i], ':') + 1;
		if (strncmp(argv[i], "thread:", 7) == 0)
			require(pthread_create(&id, NULL, run, fiber) == 0, "pthread_create");
		else if (strncmp(argv[i], "main:", 5) == 0)
			ours = fiber;
	}
	if (ours)
		run(ours);
	fiber->stack = make_stack();
	require(clone(run_clone, fiber->stack + SIZE, CLONE_VM | SIGCHLD, fiber->stack) > 0, "clone");
	while (!n_clones)
		usleep(1000);
	ready();
	wait_for_end();
	return 0;
}
