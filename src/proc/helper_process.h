/* SPDX-License-Identifier: MIT */
/*
 * Runs whatever may wait forever (for a file system's server, or a handler of page faults) in a
 * helper process, which can be abandoned. The kernel may not let the helper go, but the helper
 * holds nothing of ours.
 */
#pragma once

#include <stddef.h>

#include "proc/process.h"

/* How long to wait for all helpers of one target process together, in milliseconds. */
#define ASK_TIMEOUT_MS 2000

/*
 * A user can have any number of processes that make us wait. Once a run has waited this long in all,
 * each further process gets only a moment. The first moment of each process does not count: files
 * of a server that answers hardly take longer.
 */
#define ASK_ALL_TIMEOUT_MS 20000
#define ASK_MOMENT_MS 100

/* The question, which runs in a copy of our process; `answer` is passed back. 0, or a negative errno. */
typedef int help_fn(void *context, void *answer);

/* For the next process of a run; `run_ms_left`: as in struct patience. */
struct patience patience_with_next(int *run_ms_left);

/*
 * Returns what `act` returned, with its answer of `size` bytes; -ETIMEDOUT: no answer in time; or
 * another negative errno.
 */
int ask_helper(struct proc *proc, help_fn *act, void *context, void *answer, size_t size);
