/* SPDX-License-Identifier: MIT */
/*
 * Runs in a copy of our process what may crash, or take any amount of memory or time: a library that reads what
 * somebody else has made up. The copy can be ended.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct process_limits {
	uint64_t memory; /* bytes beyond those that we have already */
	unsigned cpu;	 /* seconds of computing, at least 1 */
	unsigned wall;	 /* seconds in all; 0: no limit */
};

/* What the copy does. Its answer is what it writes; nothing else of it lasts. */
typedef void limited_fn(void *context, FILE *answer);

/*
 * Calls `act` in a copy of our process, and waits for its end. A descriptor of the answer, at its beginning;
 * -ETIMEDOUT: the time was up; -ENOMEM: it needs more memory than it may have; -EFAULT: it crashed; or another
 * negative errno.
 */
int run_limited(const struct process_limits *limits, limited_fn *act, void *context);
