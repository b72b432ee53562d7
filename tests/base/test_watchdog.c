/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/watchdog.h"
#include "slow_threads.h"

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

Test(watchdog, fork_waits_until_its_thread_has_started)
{
	int status = REPLACED;
	struct watchdog *watchdog;
	pid_t child;

	make_threads_slow();
	watchdog = watchdog_begin(60000, go_on, &status);
	child = fork();
	if (child == 0)
		_exit(n_threads_starting());
	waitpid(child, &status, 0);
	cr_assert_eq(status, 0);
	watchdog_end(watchdog);
}
