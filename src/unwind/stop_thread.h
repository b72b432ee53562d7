/* SPDX-License-Identifier: MIT */
/*
 * Stops one thread of a process for a moment, by ptrace(2): the only thing in memmap that
 * touches a process. The thread goes on by itself should memmap end meanwhile.
 */
#pragma once

#include <stdint.h>

#include "proc/process.h"

/*
 * Calls `act` with `context` while thread `tid` of the process is stopped. That takes place on a
 * thread of our own, which is the only one that may ptrace() it, and has ended on return.
 * What `act` gives; or with the reason in words: -ESRCH: there is no such thread, or it has ended;
 * -EPERM: forbidden, or it is traced; -ETIMEDOUT: it is deep in the kernel and has not stopped
 * (and will not); or another negative errno.
 */
int while_stopped(struct proc *proc, int32_t tid, int (*act)(void *context, struct error *err), void *context,
		  struct error *err);
