/* SPDX-License-Identifier: MIT */
/*
 * calls DEPTH [WHAT]: a recursion with frames of different sizes. Each call prints where its frame is:
 *
 *   frame FUNCTION CFA RETURN   the end of the frame, and its return address, according to the compiler
 *   thread TID                  the thread that has the frames
 *
 * Then the program prints READY, and the innermost call waits for the input to close, or does WHAT: "sleep"
 * sleeps for two seconds.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline))
/* A deeper recursion prints no frames: tests only count them. */
#define QUIET_DEPTH 1000

static int is_quiet;
static volatile int sink;

#define TELL()                                                                              \
	do {                                                                                \
		if (!is_quiet)                                                              \
			printf("frame %s %p %p\n", __func__, (void *)__builtin_dwarf_cfa(), \
			       __builtin_return_address(0));                                \
	} while (0)

static void ready(void)
{
	printf("thread %ld\nREADY\n", (long)syscall(SYS_gettid));
	fflush(stdout);
}

static void wait_for_end(void)
{
	char c;

	while (read(STDIN_FILENO, &c, 1) > 0)
		;
}

NOINLINE static void in_input(void)
{
	TELL();
	ready();
	wait_for_end();
	sink++;
}

NOINLINE static void in_loop(void)
{
	TELL();
	ready();
	for (;;)
		sink++;
}

/* Calls the vdso over and over, without entering the kernel. */
NOINLINE static void in_clock(void)
{
	struct timespec now;

	TELL();
	ready();
	for (;;)
		clock_gettime(CLOCK_MONOTONIC, &now);
}

/* Waits with a stack that leads back into itself: the frame record of the caller's caller names the caller. */
NOINLINE static void in_circle(void)
{
	void **callee = __builtin_frame_address(0), **caller = *callee;
	void **next = *caller;

	TELL();
	*next = caller;
	ready();
	wait_for_end();
	_exit(0);
}

#ifdef __x86_64__
/* Sets the stack pointer to the last word of the address space. */
NOINLINE static void without_stack(void)
{
	__asm__ volatile("mov $-8, %rsp\n"
			 "0: pause\n"
			 "jmp 0b");
}

NOINLINE static void in_nothing(void)
{
	TELL();
	ready();
	without_stack();
}

/* Its unwind table leads to itself, with one word less on the stack. */
NOINLINE static void spiral(void)
{
	__asm__ volatile(".cfi_same_value rip\n"
			 "0: pause\n"
			 "jmp 0b");
}

NOINLINE static void in_spiral(void)
{
	TELL();
	ready();
	spiral();
}
#endif

/* Prints how the sleep ended, and how long it was. */
NOINLINE static void in_sleep(time_t seconds)
{
	struct timespec length = { .tv_sec = seconds }, left = { 0 }, before, after;
	int r;

	TELL();
	ready();
	clock_gettime(CLOCK_MONOTONIC, &before);
	r = nanosleep(&length, &left);
	clock_gettime(CLOCK_MONOTONIC, &after);
	printf("slept %d %ld\n", r, (long)(after.tv_sec - before.tv_sec));
	fflush(stdout);
	wait_for_end();
}

/* Waits in the kernel, where nothing can stop it, until its child ends. */
NOINLINE static void in_vfork(void)
{
	TELL();
	ready();
	if (vfork() == 0) {
		wait_for_end();
		_exit(0);
	}
	sink++;
}

NOINLINE static void handle(int signal)
{
	(void)signal;
	in_input();
	sink++;
}

NOINLINE static void in_handler(int flags)
{
	struct sigaction action = { .sa_handler = handle, .sa_flags = flags };
	static char stack[1 << 16];
	stack_t other = { .ss_sp = stack, .ss_size = sizeof(stack) };

	TELL();
	sigaltstack(&other, NULL);
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	sink++;
}

static void act(const char *what)
{
	if (strcmp(what, "loop") == 0)
		in_loop();
	else if (strcmp(what, "clock") == 0)
		in_clock();
	else if (strcmp(what, "sleep") == 0)
		in_sleep(2);
	else if (strcmp(what, "long-sleep") == 0)
		in_sleep(1000);
#ifdef __x86_64__
	else if (strcmp(what, "nothing") == 0)
		in_nothing();
	else if (strcmp(what, "spiral") == 0)
		in_spiral();
#endif
	else if (strcmp(what, "circle") == 0)
		in_circle();
	else if (strcmp(what, "vfork") == 0)
		in_vfork();
	else if (strcmp(what, "handler") == 0)
		in_handler(0);
	else if (strcmp(what, "handler-elsewhere") == 0)
		in_handler(SA_ONSTACK);
	else
		in_input();
}

NOINLINE static void down(int depth, const char *what);

/* An optimizing compiler inlines these two into down(). */
static inline __attribute__((always_inline)) void go_on(int depth, const char *what)
{
	if (depth > 0)
		down(depth - 1, what);
	else
		act(what);
	sink++;
}

static inline __attribute__((always_inline)) void go_deeper(int depth, const char *what)
{
	go_on(depth, what);
	sink++;
}

NOINLINE static void down(int depth, const char *what)
{
	volatile char buffer[16 + (depth % 8) * 32];

	buffer[depth % 16] = 1;
	TELL();
	go_deeper(depth, what);
	sink += buffer[depth % 16];
}

static const char *thread_what;

static void *thread(void *depth)
{
	down(*(int *)depth, thread_what);
	return NULL;
}

int main(int argc, char **argv)
{
	int depth = argc > 1 ? atoi(argv[1]) : 0;
	const char *what = argc > 2 ? argv[2] : "input";
	pthread_t id;

	is_quiet = depth > QUIET_DEPTH;
	/* "thread": recurse in a second thread, while the first waits for it; "orphan": the first ends. */
	if (strcmp(what, "thread") != 0 && strcmp(what, "orphan") != 0) {
		down(depth, what);
		return 0;
	}
	thread_what = "input";
	pthread_create(&id, NULL, thread, &depth);
	if (strcmp(what, "orphan") == 0)
		pthread_exit(NULL);
	pthread_join(id, NULL);
	return 0;
}
