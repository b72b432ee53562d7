/* SPDX-License-Identifier: MIT */
#include "base/pool.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/util.h"

#define THREADS_USUAL 4
#define THREADS_MAX 64 /* including blocked ones */
#define LATE 50	       /* milliseconds that a job may block before another thread is added */
#define NO_JOB SIZE_MAX

struct worker {
	struct pool *pool;
	pthread_t thread;
	clockid_t clock;  /* of its CPU time */
	size_t job;	  /* NO_JOB: none */
	uint64_t since;	  /* when the job began, or was last seen to use CPU time, in milliseconds */
	uint64_t worked;  /* CPU time up to then, in nanoseconds */
	bool is_given_up; /* its result is no longer wanted */
};

struct result {
	struct result *next;
	size_t job;
	_Alignas(max_align_t) char data[];
};

/* Shared by all threads; `mutex` guards what they change. The last one to leave frees it. */
struct pool {
	pthread_mutex_t mutex;
	pthread_cond_t progress;
	struct pool_jobs jobs;
	size_t next; /* the first job that has not been started */
	size_t n_users;
	struct result *results; /* not taken yet */
	struct worker workers[THREADS_MAX];
	size_t n_workers;
};

/* Called with the mutex held; releases it. The pool may be gone afterwards. */
static void leave(struct pool *pool)
{
	bool is_last = --pool->n_users == 0;

	pthread_mutex_unlock(&pool->mutex);
	if (is_last)
		free(pool);
}

/* Called with the mutex held; releases it while the job runs. */
static void do_job(struct worker *worker, size_t job)
{
	struct pool *pool = worker->pool;
	struct result *result;

	worker->job = job;
	worker->since = clock_ms(CLOCK_MONOTONIC);
	pthread_mutex_unlock(&pool->mutex);
	result = mem_alloc(sizeof(*result) + pool->jobs.result_size);
	result->job = job;
	pool->jobs.run(pool->jobs.context, job, result->data);
	pthread_mutex_lock(&pool->mutex);
	worker->job = NO_JOB;
	if (worker->is_given_up) {
		free(result);
		return;
	}
	result->next = pool->results;
	pool->results = result;
	pthread_cond_signal(&pool->progress);
}

static void *work(void *context)
{
	struct worker *worker = context;
	struct pool *pool = worker->pool;

	pthread_mutex_lock(&pool->mutex);
	pthread_getcpuclockid(pthread_self(), &worker->clock);
	while (!worker->is_given_up && pool->next < pool->jobs.n)
		do_job(worker, pool->next++);
	leave(pool);
	return NULL;
}

/* Called with the mutex held. False: no further thread could be started. */
static bool add_worker(struct pool *pool)
{
	struct worker *worker = &pool->workers[pool->n_workers];

	if (pool->n_workers == THREADS_MAX)
		return false;
	*worker = (struct worker){ .pool = pool, .job = NO_JOB };
	pool->n_users++;
	if (pthread_create(&worker->thread, NULL, work, worker) != 0) {
		pool->n_users--;
		return false;
	}
	pool->n_workers++;
	return true;
}

/* ---- the caller's thread, with the mutex held ---- */

static void take(struct pool *pool, size_t job, void *result)
{
	pthread_mutex_unlock(&pool->mutex);
	pool->jobs.take(pool->jobs.taker, job, result);
	pthread_mutex_lock(&pool->mutex);
}

/* Returns how many results there were. */
static size_t take_results(struct pool *pool)
{
	size_t n = 0;

	for (; pool->results; n++) {
		struct result *result = pool->results;

		pool->results = result->next;
		take(pool, result->job, result->data);
		free(result);
	}
	return n;
}

/* For how long a thread has used no CPU time, in milliseconds. */
static uint64_t waiting(struct worker *worker)
{
	uint64_t worked = clock_ns(worker->clock);
	uint64_t at = clock_ms(CLOCK_MONOTONIC);

	if (worked != worker->worked)
		worker->since = at;
	worker->worked = worked;
	return at - worker->since;
}

/*
 * Gives up workers that have blocked for too long, and returns how many. *ret_n_alive: the others;
 * *ret_n_at_work: those of them that are not blocked.
 */
static size_t look_after(struct pool *pool, int timeout_ms, size_t *ret_n_at_work, size_t *ret_n_alive)
{
	size_t n = 0;

	*ret_n_at_work = *ret_n_alive = 0;
	for (size_t i = 0; i < pool->n_workers; i++) {
		struct worker *worker = &pool->workers[i];
		uint64_t waited = worker->job == NO_JOB ? 0 : waiting(worker);

		if (worker->is_given_up)
			continue;
		if (waited > (uint64_t)timeout_ms) {
			worker->is_given_up = true;
			take(pool, worker->job, NULL);
			n++;
			continue;
		}
		*ret_n_alive += 1;
		*ret_n_at_work += waited <= LATE;
	}
	return n;
}

static void wait_a_moment(struct pool *pool)
{
	struct timespec until = clock_time(clock_ns(CLOCK_MONOTONIC) + LATE * UINT64_C(1000000));

	pthread_cond_timedwait(&pool->progress, &pool->mutex, &until);
}

/*
 * Gives up the jobs that have not been started, since all threads are stuck and no more can be
 * added. Returns how many.
 */
static size_t give_up_rest(struct pool *pool)
{
	size_t n = pool->jobs.n - pool->next;

	while (pool->next < pool->jobs.n)
		take(pool, pool->next++, NULL);
	return n;
}

static void see_to_end(struct pool *pool, size_t n_usual, int timeout_ms)
{
	size_t n_done = 0;

	while (n_done < pool->jobs.n) {
		size_t n_at_work, n_alive;

		if (!pool->results)
			wait_a_moment(pool);
		n_done += take_results(pool);
		n_done += look_after(pool, timeout_ms, &n_at_work, &n_alive);
		if (pool->next < pool->jobs.n && n_at_work < n_usual && !add_worker(pool) && n_alive == 0)
			n_done += give_up_rest(pool);
		if (pool->jobs.report) {
			pthread_mutex_unlock(&pool->mutex);
			pool->jobs.report(pool->jobs.taker, n_done);
			pthread_mutex_lock(&pool->mutex);
		}
	}
}

/*
 * Leaves behind only the threads that are given up: the others are about to end. A thread that starts or
 * ends may hold a lock, such as that of a sanitizer's allocator, which is never released in a child that
 * is forked meanwhile. Called with the mutex held; releases it while it waits.
 */
static void end_workers(struct pool *pool)
{
	pthread_mutex_unlock(&pool->mutex);
	for (size_t i = 0; i < pool->n_workers; i++)
		if (pool->workers[i].is_given_up)
			pthread_detach(pool->workers[i].thread);
		else
			pthread_join(pool->workers[i].thread, NULL);
	pthread_mutex_lock(&pool->mutex);
}

static struct pool *make(const struct pool_jobs *jobs)
{
	struct pool *pool = mem_alloc(sizeof(*pool));
	pthread_condattr_t attr;

	pool->jobs = *jobs;
	pool->n_users = 1;
	pthread_mutex_init(&pool->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&pool->progress, &attr);
	pthread_condattr_destroy(&attr);
	return pool;
}

/* For when no thread can be started. */
static void do_all_here(const struct pool_jobs *jobs)
{
	for (size_t i = 0; i < jobs->n; i++) {
		_cleanup_free_ void *result = mem_alloc(jobs->result_size);

		jobs->run(jobs->context, i, result);
		jobs->take(jobs->taker, i, result);
	}
}

void pool_run(const struct pool_jobs *jobs, int timeout_ms)
{
	long n_processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n_usual = MIN(MIN((size_t)MAX(n_processors, 1), THREADS_USUAL), MAX(jobs->n, 1));
	struct pool *pool = make(jobs);

	pthread_mutex_lock(&pool->mutex);
	while (pool->n_workers < n_usual && add_worker(pool))
		;
	if (pool->n_workers > 0)
		see_to_end(pool, n_usual, timeout_ms);
	else
		do_all_here(jobs);
	end_workers(pool);
	leave(pool);
}
