/* SPDX-License-Identifier: MIT */
/*
 * Stops one thread with ptrace(2); for stop_thread.h and stop_process.h. Only the thread that
 * traces may call these functions.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "proc/process.h"

struct stopped_thread {
	int32_t tid;
	int signal; /* one that was pending, to be delivered when the thread goes on; 0: none */
};

/*
 * Whether `tid` is a thread of the process at this moment. 0; -ESRCH: it is not; or another
 * negative errno.
 */
int trace_find(const struct proc *proc, int32_t tid);

/* Begins to stop a thread, without sending a signal that could outlive us. 0 or a negative errno. */
int trace_interrupt(int32_t tid);

/*
 * Waits until the thread has stopped, and makes sure that it belongs to the process: its number may
 * have been reused before. 0; -ESRCH: it has ended; -ETIMEDOUT: it has not stopped, and may do so
 * later, for as long as it is traced; or another negative errno.
 */
int trace_wait(const struct proc *proc, int32_t tid, struct stopped_thread *ret);

/* Lets the thread go on as if it had not been stopped. */
void trace_resume(const struct stopped_thread *thread);

/*
 * Reads the thread's general registers, in the kernel's layout. Returns the bytes read, or a
 * negative errno.
 */
ssize_t trace_registers(int32_t tid, void *buf, size_t len);

/* Likewise its floating-point registers. */
ssize_t trace_float_registers(int32_t tid, void *buf, size_t len);

/* Says in words why a thread was not stopped. Returns code. */
int trace_explain(struct proc *proc, int32_t tid, int code, struct error *err);
