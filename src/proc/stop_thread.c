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

/* s: far more than even a deep recursion takes. */
#define HOLD_TIMEOUT 10

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
	return faccessat(proc->fd, name, F_OK, 0) == 0 || (errno != ENOENT && errno != ESRCH);
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

/*
 * A thread that has not stopped in time cannot be let go by PTRACE_DETACH, and would stop later,
 * for as long as it has a tracer. So the tracer is a thread that ends here: then the kernel lets
 * go of whatever it traces. It does nothing else, and so can let go in time whatever holds us up.
 */
struct held_thread {
	struct proc *proc;
	int32_t tid;
	struct error *err;
	pthread_mutex_t mutex; /* of what follows */
	pthread_cond_t changed;
	enum hold_state { STOPPING, STOPPED, RELEASED } state;
	int result;   /* of stopping it */
	bool is_late; /* it goes on, although it is not yet released */
	unsigned char words[64 * sizeof(uint64_t)];
	struct iovec registers; /* in `words` */
	int registers_error;
};

static void set_state(struct held_thread *held, enum hold_state state)
{
	pthread_mutex_lock(&held->mutex);
	held->state = state;
	pthread_cond_signal(&held->changed);
	pthread_mutex_unlock(&held->mutex);
}

static void read_words(struct held_thread *held)
{
	held->registers = (struct iovec){ .iov_base = held->words, .iov_len = sizeof(held->words) };
	if (ptrace(PTRACE_GETREGSET, held->tid, NT_PRSTATUS, &held->registers) != 0)
		held->registers_error = -errno;
}

static void wait_for_release(struct held_thread *held)
{
	struct timespec end;
	int r = 0;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += HOLD_TIMEOUT;
	pthread_mutex_lock(&held->mutex);
	while (held->state != RELEASED && r == 0)
		r = pthread_cond_timedwait(&held->changed, &held->mutex, &end);
	held->is_late = held->state != RELEASED;
	pthread_mutex_unlock(&held->mutex);
}

static void *hold(void *data)
{
	struct held_thread *held = data;
	struct stopped_thread thread;
	int r = stop_thread(held->proc, held->tid, &thread, held->err);

	held->result = r;
	if (r == 0)
		read_words(held);
	set_state(held, STOPPED);
	if (r == 0) {
		wait_for_release(held);
		resume_thread(&thread);
	}
	return NULL;
}

static int wait_until_stopped(struct held_thread *held)
{
	pthread_mutex_lock(&held->mutex);
	while (held->state == STOPPING)
		pthread_cond_wait(&held->changed, &held->mutex);
	pthread_mutex_unlock(&held->mutex);
	return held->result;
}

static void init(struct held_thread *held)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&held->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&held->mutex, NULL);
}

int proc_hold_thread(struct proc *proc, int32_t tid, hold_fn *act, void *context, struct error *err)
{
	struct held_thread held = { .proc = proc, .tid = tid, .err = err };
	pthread_t tracer;
	int r;

	if (!proc->is_live || !proc->is_ours)
		return error_set(err, -ENOTSUP, "only a running process of this system can be stopped");
	init(&held);
	r = pthread_create(&tracer, NULL, hold, &held);
	if (r != 0)
		return error_set(err, -r, "cannot start a thread to stop another: %s", strerror(r));
	r = wait_until_stopped(&held);
	if (r == 0) {
		proc->held = &held;
		r = act(context, err);
		proc->held = NULL;
		set_state(&held, RELEASED);
	}
	pthread_join(tracer, NULL);
	if (held.is_late)
		return error_set(err, -ETIMEDOUT, "thread %d went on after %d s, before its stack was read",
				 tid, HOLD_TIMEOUT);
	return r;
}

int proc_read_registers(const struct proc *proc, unsigned machine, struct registers *ret)
{
	const struct held_thread *held = proc->held;

	if (!held || held->registers_error)
		return held ? held->registers_error : -ESRCH;
	return registers_from_status(held->words, held->registers.iov_len, machine, ret);
}
