/* SPDX-License-Identifier: MIT */
/*
 * Stops one thread with ptrace(2); for stop_thread.h and stop_process.h. Only the thread that
 * traces may call these functions.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "proc/process.h"

struct stopped_thread {
	int32_t tid;
	int signal; /* one that was pending, to be delivered when the thread goes on; 0: none */
};

/*
 * How long to wait until threads have stopped: about a second for all of them together, since those
 * that stopped first are held meanwhile.
 */
struct stop_patience {
	uint64_t since_ms;
	int ms;		  /* without what the number of threads adds */
	size_t n_threads; /* interrupted so far: many take longer */
};

/* Just before the first thread is interrupted; `proc` is one of a run that may have waited for others. */
void stop_patience_init(struct stop_patience *patience, const struct proc *proc);

/* Charges the run if `code`, what came of it, shows that all our patience was used. */
void stop_patience_charge(const struct stop_patience *patience, struct proc *proc, int code);

/*
 * Whether `tid` is a thread of the process at this moment. 0; -ESRCH: it is not; or another
 * negative errno.
 */
int trace_find(const struct proc *proc, int32_t tid);

/*
 * Begins to stop a thread, without sending a signal that could outlive us. 0; -ETIMEDOUT: our patience
 * has run out; or another negative errno.
 */
int trace_interrupt(int32_t tid, struct stop_patience *patience);

/*
 * Waits until the thread has stopped, and makes sure that it belongs to the process: its number may
 * have been reused before. 0; -ESRCH: it has ended; -ETIMEDOUT: it had not stopped when our patience
 * ran out, and may do so later, for as long as it is traced; or another negative errno.
 */
int trace_wait(const struct proc *proc, int32_t tid, const struct stop_patience *patience,
	       struct stopped_thread *ret);

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
