/* SPDX-License-Identifier: MIT */
/*
 * Runs whatever may wait forever (for a file system's server, or a handler of page faults) in a
 * helper process, which can be abandoned. The kernel may not let the helper go, but the helper
 * holds nothing of ours.
 */
#pragma once

#include <stddef.h>

#include "proc/process.h"

/* The question, which runs in a copy of our process; `answer` is passed back. 0, or a negative errno. */
typedef int help_fn(void *context, void *answer);

/*
 * Returns what `act` returned, with its answer of `size` bytes; -ETIMEDOUT: no answer in time; or
 * another negative errno.
 */
int ask_helper(struct proc *proc, help_fn *act, void *context, void *answer, size_t size);
