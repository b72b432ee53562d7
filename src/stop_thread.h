/* SPDX-License-Identifier: MIT */
/*
 * Stops one thread of a process for a moment, by ptrace(2): the only thing in memmap that
 * touches a process. The thread goes on by itself should memmap end meanwhile.
 */
#pragma once

#include <stdint.h>

#include "proc.h"

struct stopped_thread {
	int32_t tid;
	int signal; /* one that was on its way to the thread, and is due when it goes on */
};

/*
 * Stops thread `tid` of the process. 0, or with the reason in words: -ESRCH: there is none, or it
 * has ended; -EPERM: forbidden, or it is traced; -ETIMEDOUT: it is deep in the kernel and has not
 * stopped (and will not).
 */
int stop_thread(struct proc *proc, int32_t tid, struct stopped_thread *ret, struct error *err);
void resume_thread(const struct stopped_thread *thread);
