/* SPDX-License-Identifier: MIT */
/*
 * Makes COUNT threads that wait in vfork(2), where nothing can stop them. Once the main thread has been
 * stopped, the i-th goes on after i times MS milliseconds, and waits again.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "program.h"

static volatile unsigned long beat; /* of the main thread, which our children share memory with */
static volatile long n_waiting;
static unsigned long ms;

static void sleep_ms(unsigned long length)
{
	struct timespec t = { .tv_sec = (time_t)(length / 1000), .tv_nsec = (long)(length % 1000 * 1000000) };

	nanosleep(&t, NULL);
}

/* In the child: the memory is the thread's, which does nothing meanwhile. */
static void wait_until_stopped(unsigned long i)
{
	unsigned long before;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	__atomic_add_fetch(&n_waiting, 1, __ATOMIC_SEQ_CST);
	do {
		before = beat;
		sleep_ms(50);
	} while (beat != before);
	sleep_ms(i * ms);
}

static void *wait_in_vfork(void *number)
{
	for (;;) {
		pid_t pid = vfork();

		if (pid == 0) {
			wait_until_stopped((unsigned long)(uintptr_t)number);
			_exit(0);
		}
		waitpid(pid, NULL, __WALL);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	long count = argc == 3 ? atol(argv[1]) : 0;
	pthread_t thread;

	require(count > 0, "usage: vforks COUNT MS");
	ms = strtoul(argv[2], NULL, 10);
	for (long i = 1; i <= count; i++)
		require(pthread_create(&thread, NULL, wait_in_vfork, (void *)(uintptr_t)i) == 0,
			"pthread_create");
	for (; n_waiting < count; beat++)
		sleep_ms(1);
	ready();
	for (;; beat++)
		sleep_ms(1);
}
