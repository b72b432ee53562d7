/* SPDX-License-Identifier: MIT */
/*
 * Many small jobs, each of which may wait for somebody who never answers: a few threads do them, and who waits
 * for one of them too long goes on without it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct pool_jobs {
	size_t n;
	size_t result_size; /* of what each job makes, zeroed at first */
	/* In any of the threads: does job `i`. `context` must last as long as the program. */
	void (*run)(const void *context, size_t i, void *result);
	const void *context;
	/* In the thread of the caller, in any order: takes the result of job `i`; NULL: it was given up. */
	void (*take)(void *taker, size_t i, void *result);
	void *taker;
	/* Likewise, from time to time: how many of the jobs are done. May be NULL. */
	void (*report)(void *taker, size_t n_done);
};

/*
 * Does all jobs. One that has taken no time of a processor for `timeout_ms` is given up; its thread stays
 * behind, with nothing that anybody else uses.
 */
void pool_run(const struct pool_jobs *jobs, int timeout_ms);
