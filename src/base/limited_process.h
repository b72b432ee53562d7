/* SPDX-License-Identifier: MIT */
/*
 * Runs code in a child process that may crash, or take any amount of memory or time: a library that
 * reads hostile data. The child can be killed.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct process_limits {
	uint64_t memory; /* bytes on top of what we have already */
	unsigned cpu;	 /* seconds of CPU time, at least 1 */
	unsigned wall;	 /* seconds in all; 0: no limit */
};

/* What the child does. Only what it writes to `answer` reaches the parent. */
typedef void limited_fn(void *context, FILE *answer);

/*
 * Calls `act` in a child process, and waits for its end. A descriptor of the answer, at its
 * beginning; -ETIMEDOUT: its time was up, and it ends as soon as the kernel lets it; -ENOMEM: it needs
 * more memory than it may have; -EFAULT: it crashed; or another negative errno.
 */
int run_limited(const struct process_limits *limits, limited_fn *act, void *context);
