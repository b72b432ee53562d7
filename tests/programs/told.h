/* SPDX-License-Identifier: MIT */
/*
 * How a program tells what it knows of its threads and their memory, a line each:
 *
 *   stack TID START END GUARD LOCAL CONTROL WHAT   of a thread, as pthread_getattr_np() has it
 *   heap TID ADDRESS WHAT                          an address that malloc() gave to a thread
 *
 * LOCAL is the address of a variable in the thread's stack, CONTROL that of its control block. Then
 * READY, and the program waits for its input to close.
 */
#pragma once

#define _GNU_SOURCE
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Ends the program, and with it the test, when what it stands for cannot be had. */
static inline void require(int condition, const char *what)
{
	if (condition)
		return;
	perror(what);
	exit(1);
}

#ifdef VARIABLES
/* Much that is each thread's own, between its stack and its control block. */
static __thread volatile char variables[VARIABLES];
#endif

static inline void tell_stack(const char *what)
{
	pthread_attr_t attr;
	void *start;
	size_t size, guard;

	require(pthread_getattr_np(pthread_self(), &attr) == 0, "pthread_getattr_np");
	pthread_attr_getstack(&attr, &start, &size);
	pthread_attr_getguardsize(&attr, &guard);
	printf("stack %ld %p %p %zu %p %#" PRIxPTR " %s\n", (long)syscall(SYS_gettid), start,
	       (void *)((uintptr_t)start + size), guard, (void *)&attr, (uintptr_t)pthread_self(), what);
	pthread_attr_destroy(&attr);
#ifdef VARIABLES
	variables[VARIABLES / 2] = 1;
#endif
}

static inline void tell_heap(const void *address, const char *what)
{
#ifdef VARIABLES
	variables[VARIABLES / 2] = 1;
#endif
	printf("heap %ld %p %s\n", (long)syscall(SYS_gettid), address, what);
}

static inline void ready(void)
{
	puts("READY");
	fflush(stdout);
}

static inline void wait_for_end(void)
{
	char c;

	while (read(STDIN_FILENO, &c, 1) > 0)
		;
}
