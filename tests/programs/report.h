/* SPDX-License-Identifier: MIT */
/*
 * How a program reports what it knows about its threads and their memory, one line each:
 *
 *   stack TID START END GUARD LOCAL CONTROL WHAT   a thread's stack, from pthread_getattr_np()
 *   heap TID ADDRESS WHAT                          an address that malloc() gave to a thread
 *
 * LOCAL is the address of a variable in the thread's stack, CONTROL that of its control block. Then the
 * program prints READY, and waits for its input to close.
 */
#pragma once

#define _GNU_SOURCE
#include <inttypes.h>
#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>

#include "program.h"

#ifdef VARIABLES
/* Large thread-local data, between a thread's stack and its control block. */
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
