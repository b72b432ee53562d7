/* SPDX-License-Identifier: MIT */
/*
 * One thread under ptrace(2), stopped: for stop_thread.h and stop_process.h. All calls are of the thread that
 * traces.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "proc/process.h"

struct stopped_thread {
	int32_t tid;
	int signal; /* one that was on its way to the thread, and is due when it goes on */
};

/* Whether it is a thread of the process, at this moment. 0; -ESRCH: it is not; or another negative errno. */
int trace_find(const struct proc *proc, int32_t tid);

/* Begins to stop a thread, and sends no signal that could outlive us. 0 or a negative errno. */
int trace_interrupt(int32_t tid);

/*
 * Waits until it has stopped, and makes sure that it is the process's: the number may have become another's before.
 * 0; -ESRCH: it has ended; -ETIMEDOUT: it has not stopped, and may later, for as long as it is traced; or another
 * negative errno.
 */
int trace_wait(const struct proc *proc, int32_t tid, struct stopped_thread *ret);

/* Lets it go on as if it had not been stopped. */
void trace_resume(const struct stopped_thread *thread);

/* Its general registers, as the kernel has them. The bytes read, or a negative errno. */
ssize_t trace_registers(int32_t tid, void *buf, size_t len);

/* The registers of its floating-point unit, likewise. */
ssize_t trace_float_registers(int32_t tid, void *buf, size_t len);

/* Says in words why a thread was not stopped. Returns code. */
int trace_explain(struct proc *proc, int32_t tid, int code, struct error *err);
