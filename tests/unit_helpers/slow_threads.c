/* SPDX-License-Identifier: MIT */
#include "slow_threads.h"

#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/mem.h"

#define DELAY 200000 /* microseconds */

static bool are_threads_slow;
static _Atomic int n_starting, n_left;

struct start {
	void *(*run)(void *context);
	void *context;
};

void make_threads_slow(void)
{
	are_threads_slow = true;
}

int n_threads_starting(void)
{
	return n_starting;
}

int n_threads_left(void)
{
	return n_left;
}

static void *run_slowly(void *data)
{
	_cleanup_free_ struct start *start = data;
	void *result;

	usleep(DELAY);
	n_starting--;
	result = start->run(start->context);
	usleep(DELAY);
	n_left--;
	return result;
}

/* meson.build has the linker send every call of pthread_create(3) here, and ours there. */
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
			  void *context);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
			  void *context);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
			  void *context)
{
	struct start *start;

	if (!are_threads_slow)
		return __real_pthread_create(thread, attributes, run, context);
	start = mem_alloc(sizeof(*start));
	*start = (struct start){ run, context };
	n_starting++;
	n_left++;
	return __real_pthread_create(thread, attributes, run_slowly, start);
}
