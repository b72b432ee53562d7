/* SPDX-License-Identifier: MIT */
/*
 * How a program reports what it knows of its threads and their memory, a line each:
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
#include <string.h>
#include <sys/syscall.h>

#include "program.h"

#ifdef VARIABLES
/* Much that is each thread's own, between its stack and its control block. */
static __thread volatile char variables[VARIABLES];
#endif

static inline void report_stack(const char *what)
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

static inline void report_heap(const void *address, const char *what)
{
#ifdef VARIABLES
	variables[VARIABLES / 2] = 1;
#endif
	printf("heap %ld %p %s\n", (long)syscall(SYS_gettid), address, what);
}
