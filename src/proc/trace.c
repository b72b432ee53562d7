/* SPDX-License-Identifier: MIT */
#include "proc/trace.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "proc/read_file.h"

/* A running thread stops at once, one that waits for a disk when the disk has answered. */
#define PAUSE_MIN 20000	   /* ns */
#define PAUSE_MAX 16000000 /* ns; pauses double */

/* ms for all threads together, whichever of them keeps us waiting; all need a moment of some CPU. */
#define STOP_TIMEOUT 1000
#define STOP_TIMEOUT_PER_THREAD 1
#define STOP_TIMEOUT_MAX 20000

void stop_patience_init(struct stop_patience *patience, const struct proc *proc)
{
	*patience = (struct stop_patience){ .since_ms = clock_ms(CLOCK_MONOTONIC),
					    .ms = patience_limit(&proc->patience, STOP_TIMEOUT) };
}

void stop_patience_charge(const struct stop_patience *patience, struct proc *proc, int code)
{
	if (code == -ETIMEDOUT)
		patience_charge(&proc->patience, patience->ms);
}

static bool has_run_out(const struct stop_patience *patience)
{
	uint64_t timeout = (uint64_t)patience->ms + patience->n_threads * STOP_TIMEOUT_PER_THREAD;

	return clock_ms(CLOCK_MONOTONIC) - patience->since_ms >= MIN(timeout, STOP_TIMEOUT_MAX);
}

/* Reaps a thread that has ended; otherwise its process would wait for that. */
static void reap(int32_t tid)
{
	siginfo_t info;

	waitid(P_PID, (id_t)tid, &info, WEXITED | WNOHANG | __WALL);
}

/*
 * Looks at the stop without consuming it (WNOWAIT): consuming it makes the kernel forget the signal
 * that the thread has stopped for, and the signal would be lost if memmap were killed before
 * passing it on.
 */
static int wait_for_stop(int32_t tid, const struct stop_patience *patience, siginfo_t *info)
{
	struct timespec pause = { .tv_nsec = PAUSE_MIN };

	for (;;) {
		info->si_pid = 0;
		if (waitid(P_PID, (id_t)tid, info, WSTOPPED | WEXITED | WNOHANG | WNOWAIT | __WALL) != 0)
			return -ESRCH;
		if (info->si_pid != 0)
			return 0;
		if (has_run_out(patience))
			return -ETIMEDOUT;
		nanosleep(&pause, NULL);
		pause.tv_nsec = MIN(2 * pause.tv_nsec, PAUSE_MAX);
	}
}

int trace_find(const struct proc *proc, int32_t tid)
{
	char name[32];

	snprintf(name, sizeof(name), "task/%d", tid);
	if (faccessat(proc->fd, name, F_OK, 0) == 0)
		return 0;
	return errno == ENOENT ? -ESRCH : -errno;
}

int trace_interrupt(int32_t tid, struct stop_patience *patience)
{
	if (has_run_out(patience))
		return -ETIMEDOUT;
	/* Unlike PTRACE_ATTACH this sends no signal that could outlive us. */
	if (ptrace(PTRACE_SEIZE, tid, NULL, NULL) != 0 || ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) != 0)
		return -errno;
	patience->n_threads++;
	return 0;
}

int trace_wait(const struct proc *proc, int32_t tid, const struct stop_patience *patience,
	       struct stopped_thread *ret)
{
	siginfo_t info;
	int r = wait_for_stop(tid, patience, &info);

	if (r < 0)
		return r;
	if (info.si_code != CLD_TRAPPED && info.si_code != CLD_STOPPED) {
		reap(tid);
		return -ESRCH;
	}
	*ret = (struct stopped_thread){ .tid = tid };
	if (info.si_status >> 8 != PTRACE_EVENT_STOP)
		ret->signal = info.si_status;
	/* From here on, the number cannot be reused. */
	r = trace_find(proc, tid);
	if (r < 0)
		trace_resume(ret);
	return r;
}

void trace_resume(const struct stopped_thread *thread)
{
	if (ptrace(PTRACE_DETACH, thread->tid, NULL, (void *)(intptr_t)thread->signal) != 0)
		reap(thread->tid);
}

static ssize_t read_set(int32_t tid, uintptr_t type, void *buf, size_t len)
{
	struct iovec set = { .iov_base = buf, .iov_len = len };

	return ptrace(PTRACE_GETREGSET, tid, (void *)type, &set) == 0 ? (ssize_t)set.iov_len : -errno;
}

ssize_t trace_registers(int32_t tid, void *buf, size_t len)
{
	return read_set(tid, NT_PRSTATUS, buf, len);
}

ssize_t trace_float_registers(int32_t tid, void *buf, size_t len)
{
	return read_set(tid, NT_PRFPREG, buf, len);
}

/* If the main thread has ended, the process lives on in another one. */
static int explain_end(struct proc *proc, int32_t tid, struct error *err)
{
	size_t len;
	_cleanup_free_ char *status = NULL;
	uint64_t living = UNKNOWN;

	if (tid == proc->pid && proc->mm_fd != proc->fd &&
	    proc_read_file(proc->mm_fd, "status", &status, &len) == 0)
		living = parse_status_number(status, "Pid");
	if (living != UNKNOWN)
		return error_set(err, -ESRCH,
				 "thread %d, the main thread, has ended; --frames=%" PRIu64
				 " shows one that has not, and --threads lists them",
				 tid, living);
	return error_set(err, -ESRCH, "thread %d has ended", tid);
}

int trace_explain(struct proc *proc, int32_t tid, int code, struct error *err)
{
	char name[32];
	size_t len;
	_cleanup_free_ char *status = NULL;
	uint64_t tracer;

	snprintf(name, sizeof(name), "task/%d/status", tid);
	proc_read_file(proc->fd, name, &status, &len);
	tracer = status ? parse_status_number(status, "TracerPid") : 0;
	if (code == -ESRCH || !status || strstr(status, "\nState:\tZ"))
		return explain_end(proc, tid, err);
	if (code == -ETIMEDOUT)
		return error_set(err, code, "thread %d is waiting in the kernel and does not stop", tid);
	if (tracer != 0 && tracer != UNKNOWN)
		return error_set(err, code, "thread %d is traced by process %" PRIu64 ", such as a debugger",
				 tid, tracer);
	return proc_explain(proc, "mem", code, err);
}
