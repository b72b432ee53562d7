/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <pthread.h>
#include <unistd.h>

#include "base/pool.h"
#include "slow_threads.h"

#define N 1000

struct taken {
	size_t n, n_given_up, sum;
};

static void take(void *taker, size_t i, void *result)
{
	struct taken *taken = taker;

	taken->n++;
	if (!result)
		taken->n_given_up++;
	else
		taken->sum += *(size_t *)result == i ? i : N * N;
}

static void give_back(const void *context, size_t i, void *result)
{
	(void)context;
	*(size_t *)result = i;
}

/* Every tenth job waits for ever. */
static void wait_for_ever(const void *context, size_t i, void *result)
{
	if (i % 10 == 0)
		pause();
	give_back(context, i, result);
}

static void compute(const void *context, size_t i, void *result)
{
	for (volatile size_t k = 0; k < 50000000; k++)
		;
	give_back(context, i, result);
}

static struct taken run(void (*job)(const void *, size_t, void *), size_t n, int timeout_ms)
{
	struct taken taken = { 0 };

	pool_run(
		&(struct pool_jobs){
			.n = n, .result_size = sizeof(size_t), .run = job, .take = take, .taker = &taken },
		timeout_ms);
	return taken;
}

Test(pool, each_job_is_done_once)
{
	struct taken taken = run(give_back, N, 10000);

	cr_assert_eq(taken.n, N);
	cr_assert_eq(taken.n_given_up, 0);
	cr_assert_eq(taken.sum, N * (N - 1) / 2);
}

Test(pool, no_job_is_nothing_to_do)
{
	cr_assert_eq(run(give_back, 0, 10000).n, 0);
}

Test(pool, who_waits_is_given_up)
{
	struct taken taken = run(wait_for_ever, 100, 100);

	cr_assert_eq(taken.n, 100);
	cr_assert_eq(taken.n_given_up, 10);
	cr_assert_eq(taken.sum, 100 * 99 / 2 - 450);
}

Test(pool, more_than_there_are_threads_wait)
{
	struct taken taken = run(wait_for_ever, N, 100);

	cr_assert_eq(taken.n, N);
	cr_assert_geq(taken.n_given_up, 64);
}

Test(pool, who_works_is_not_given_up)
{
	struct taken taken = run(compute, 4, 60);

	cr_assert_eq(taken.n, 4);
}

Test(pool, its_threads_end_with_it)
{
	make_threads_slow();
	cr_assert_eq(run(give_back, 2, 10000).n, 2);
	cr_assert_eq(n_threads_left(), 0);
}
