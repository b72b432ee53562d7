/* SPDX-License-Identifier: MIT */
/*
 * What may take any amount of memory or time, or crash, is done in a copy of our process, which can be ended: a
 * library at work on what somebody else has made up.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct process_limits {
	uint64_t memory; /* bytes beyond those that we have already */
	unsigned cpu;	 /* seconds of computing, */
	unsigned wall;	 /* and in all; 0: any number */
};

/* What is done: its answer is what it writes. Nothing else of it lasts. */
typedef void limited_fn(void *context, FILE *answer);

/*
 * Calls `act` in a copy of our process, and waits for its end. A descriptor of the answer, at its beginning;
 * -ETIMEDOUT: the time was up; -ENOMEM: it needs more memory than it may have; -EFAULT: it crashed; or another
 * negative errno.
 */
int run_limited(const struct process_limits *limits, limited_fn *act, void *context);
