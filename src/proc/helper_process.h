/* SPDX-License-Identifier: MIT */
/*
 * What may wait for somebody who does not answer (the server of a file system, a handler of page faults) is done by
 * a process of its own, which can be given up. The kernel may not let go of it, but it holds nothing of ours.
 */
#pragma once

#include <stddef.h>

#include "proc/process.h"

/* How long a process is waited for in all, in milliseconds. */
#define ASK_TIMEOUT_MS 2000

/* What is asked, in a copy of our process: `answer` goes back. 0, or a negative errno. */
typedef int help_fn(void *context, void *answer);

/*
 * What `act` returned, with its answer of `size` bytes; -ETIMEDOUT: there is none in time; or another
 * negative errno.
 */
int ask_helper(struct proc *proc, help_fn *act, void *context, void *answer, size_t size);
