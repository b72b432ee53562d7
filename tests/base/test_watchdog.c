/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/watchdog.h"

#define REPLACED 3

static void go_on(void *context)
{
	exit(*(int *)context);
}

static void go_on_slowly(void *context)
{
	sleep(1);
	go_on(context);
}

Test(watchdog, who_is_stuck_is_replaced, .exit_code = REPLACED)
{
	int status = REPLACED;

	cr_assert(watchdog_begin(100, go_on, &status));
	while (1)
		pause();
}

Test(watchdog, who_comes_back_gets_no_further, .exit_code = REPLACED)
{
	int status = REPLACED;
	struct watchdog *watchdog = watchdog_begin(0, go_on_slowly, &status);

	usleep(700000);
	watchdog_end(watchdog);
	exit(EXIT_FAILURE);
}

Test(watchdog, who_works_is_not_replaced)
{
	int status = REPLACED;
	struct watchdog *watchdog = watchdog_begin(600, go_on, &status);
	uint64_t end = clock_ms(CLOCK_MONOTONIC) + 1500;

	while (clock_ms(CLOCK_MONOTONIC) < end)
		;
	watchdog_end(watchdog);
}

Test(watchdog, who_is_done_may_wait)
{
	int status = REPLACED;

	watchdog_end(watchdog_begin(0, go_on, &status));
	usleep(700000);
}

Test(watchdog, one_thread_watches_job_after_job)
{
	int status = REPLACED;
	struct watchdog *first = watchdog_begin(60000, go_on, &status);

	watchdog_end(first);
	for (int i = 0; i < 1000; i++) {
		cr_assert_eq(watchdog_begin(60000, go_on, &status), first);
		watchdog_end(first);
	}
}

/* ---- a lock that a thread holds while it starts, as allocators of sanitizers do ---- */

static _Atomic bool is_locked;

struct start {
	void *(*run)(void *context);
	void *context;
};

static void *start_slowly(void *data)
{
	struct start *start = data;

	usleep(200000);
	is_locked = false;
	return start->run(start->context);
}

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
			  void *context);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
			  void *context);

/* The linker has every call of pthread_create(3) come here. */
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
			  void *context)
{
	static struct start start;

	start = (struct start){ run, context };
	is_locked = true;
	return __real_pthread_create(thread, attributes, start_slowly, &start);
}

Test(watchdog, a_child_does_not_inherit_locks_of_its_start)
{
	int status = REPLACED;
	struct watchdog *watchdog = watchdog_begin(60000, go_on, &status);
	pid_t child = fork();

	if (child == 0)
		_exit(is_locked);
	waitpid(child, &status, 0);
	cr_assert_eq(status, 0);
	watchdog_end(watchdog);
}
