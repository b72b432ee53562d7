/* SPDX-License-Identifier: MIT */
#include "proc/stop_thread.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "proc/read_file.h"

/* A thread that runs stops at once, one that waits for a disk when that has answered. */
#define PAUSE_MIN 20000		 /* ns */
#define PAUSE_MAX 16000000	 /* ns; pauses double */
#define STOP_TIMEOUT 1000000000L /* ns in all */

struct stopped_thread {
	int32_t tid;
	int signal; /* one that was on its way to the thread, and is due when it goes on */
};

/* Takes note of a thread's end, which its process otherwise waits for. */
static void reap(int32_t tid)
{
	siginfo_t info;

	waitid(P_PID, (id_t)tid, &info, WEXITED | WNOHANG | __WALL);
}

/*
 * A stop is looked at and not taken (WNOWAIT): taking it makes the kernel forget the signal that
 * the thread has stopped for, which would be lost if memmap were killed before it passes it on.
 */
static int wait_for_stop(int32_t tid, siginfo_t *info)
{
	struct timespec pause = { .tv_nsec = PAUSE_MIN };

	for (long waited = 0; waited < STOP_TIMEOUT; waited += pause.tv_nsec) {
		info->si_pid = 0;
		if (waitid(P_PID, (id_t)tid, info, WSTOPPED | WEXITED | WNOHANG | WNOWAIT | __WALL) != 0)
			return -ESRCH;
		if (info->si_pid != 0)
			return 0;
		nanosleep(&pause, NULL);
		pause.tv_nsec = MIN(2 * pause.tv_nsec, PAUSE_MAX);
	}
	return -ETIMEDOUT;
}

static int stop(int32_t tid, struct stopped_thread *ret)
{
	siginfo_t info;
	int r;

	/* Unlike PTRACE_ATTACH this sends no signal that could outlive us. */
	if (ptrace(PTRACE_SEIZE, tid, NULL, NULL) != 0 || ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) != 0)
		return -errno;
	r = wait_for_stop(tid, &info);
	if (r < 0)
		return r;
	if (info.si_code != CLD_TRAPPED && info.si_code != CLD_STOPPED) {
		reap(tid);
		return -ESRCH;
	}
	*ret = (struct stopped_thread){ .tid = tid };
	if (info.si_status >> 8 != PTRACE_EVENT_STOP)
		ret->signal = info.si_status;
	return 0;
}

static void resume_thread(const struct stopped_thread *thread)
{
	if (ptrace(PTRACE_DETACH, thread->tid, NULL, (void *)(intptr_t)thread->signal) != 0)
		reap(thread->tid);
}

static bool has_thread(const struct proc *proc, int32_t tid)
{
	char name[32];

	snprintf(name, sizeof(name), "task/%d", tid);
	return faccessat(proc->fd, name, F_OK, 0) == 0;
}

static int explain(struct proc *proc, int32_t tid, int code, struct error *err)
{
	char name[32];
	size_t len;
	_cleanup_free_ char *status = NULL;
	uint64_t tracer;

	snprintf(name, sizeof(name), "task/%d/status", tid);
	status = proc_read_file(proc->fd, name, &len);
	tracer = status ? parse_status_number(status, "TracerPid") : 0;
	if (code == -ESRCH || !status || strstr(status, "\nState:\tZ"))
		return error_set(err, -ESRCH, "thread %d has ended", tid);
	if (code == -ETIMEDOUT)
		return error_set(err, code, "thread %d is waiting in the kernel and does not stop", tid);
	if (tracer != 0 && tracer != UNKNOWN)
		return error_set(err, code, "thread %d is traced by process %" PRIu64 ", as by a debugger",
				 tid, tracer);
	return proc_explain(proc, "mem", code, err);
}

static int stop_thread(struct proc *proc, int32_t tid, struct stopped_thread *ret, struct error *err)
{
	int r;

	if (!has_thread(proc, tid))
		return error_set(err, -ESRCH, "process %d has no thread %d", proc->pid, tid);
	r = stop(tid, ret);
	if (r < 0)
		return explain(proc, tid, r, err);
	/* From here on its number cannot become another's; before, it could have. */
	if (has_thread(proc, tid))
		return 0;
	resume_thread(ret);
	return error_set(err, -ESRCH, "thread %d has ended", tid);
}

struct stop_request {
	struct proc *proc;
	int32_t tid;
	int (*act)(void *context, struct error *err);
	void *context;
	struct error *err;
	int result;
};

static void *run_stop_request(void *data)
{
	struct stop_request *stop_request = data;
	struct stopped_thread thread;

	stop_request->result = stop_thread(stop_request->proc, stop_request->tid, &thread, stop_request->err);
	if (stop_request->result == 0) {
		stop_request->result = stop_request->act(stop_request->context, stop_request->err);
		resume_thread(&thread);
	}
	return NULL;
}

/*
 * A thread that has not stopped in time cannot be let go by PTRACE_DETACH, and would stop later,
 * for as long as it has a tracer. So the tracer is a thread that ends here: then the kernel lets
 * go of whatever it traces.
 */
int proc_hold_thread(struct proc *proc, int32_t tid, hold_fn *act, void *context, struct error *err)
{
	struct stop_request stop_request = {
		.proc = proc, .tid = tid, .act = act, .context = context, .err = err
	};
	pthread_t tracer;
	int r;

	if (!proc->is_live || !proc->is_ours)
		return error_set(err, -ENOTSUP, "only a running process of this system can be stopped");
	r = pthread_create(&tracer, NULL, run_stop_request, &stop_request);

	if (r != 0)
		return error_set(err, -r, "cannot start a thread to stop another: %s", strerror(r));
	pthread_join(tracer, NULL);
	return stop_request.result;
}

int proc_read_registers(int32_t tid, unsigned machine, struct registers *ret)
{
	unsigned char words[64 * sizeof(uint64_t)] = { 0 };
	struct iovec vector = { .iov_base = words, .iov_len = sizeof(words) };

	if (ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &vector) != 0)
		return -errno;
	return registers_from_status(words, vector.iov_len, machine, ret);
}
