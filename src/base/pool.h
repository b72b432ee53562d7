/* SPDX-License-Identifier: MIT */
/*
 * Does many small jobs on a few threads. Any job may block for ever: one that blocks for too long
 * is given up.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct pool_jobs {
	size_t n;
	size_t result_size; /* of the result of each job, zeroed at first */
	/* Called in any thread: does job `i`. `context` must last as long as the program. */
	void (*run)(const void *context, size_t i, void *result);
	const void *context;
	/* Called in the caller's thread, in any order: takes the result of job `i`; NULL: it was given up. */
	void (*take)(void *taker, size_t i, void *result);
	void *taker;
	/* Called likewise, from time to time, with the number of jobs done. May be NULL. */
	void (*report)(void *taker, size_t n_done);
};

/*
 * Does all jobs. A job that has used no CPU time for `timeout_ms` is given up; its thread is left
 * behind, holding nothing that others use. The other threads have ended by then.
 */
void pool_run(const struct pool_jobs *jobs, int timeout_ms);
