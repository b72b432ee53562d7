/* SPDX-License-Identifier: MIT */
#include "proc/stop_process.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "proc/tracer_handover.h"
#include "proc/trace.h"

#define HOLD_TIMEOUT 60	   /* s: far more than even a large heap takes to read */
#define GENERAL_MAX 512	   /* bytes of general registers: no machine has more */
#define FLOAT_MAX 1024	   /* bytes of floating-point registers, likewise */
#define THREADS_MAX 250000 /* more than any program has: what we keep of them takes 400 MB */

struct held_member {
	struct stopped_thread thread;
	bool is_stopped;
	size_t len; /* of `words` */
	unsigned char words[GENERAL_MAX + FLOAT_MAX];
};

/* As in stop_thread.c, the tracer is a thread that does nothing else. If it is abandoned, it frees this. */
struct held_process {
	struct proc *proc;
	struct error *err;
	struct held_member *members; /* sorted by TID, except for those just found */
	size_t n, cap;
	struct stop_patience patience;
	struct handover handover;
	int result;
};

static void held_free(struct held_process *held)
{
	free(held->members);
	free(held);
}

/* ---- stopping the threads ---- */

static int compare_members(const void *a, const void *b)
{
	const struct held_member *x = a;
	const struct held_member *y = b;

	return (x->thread.tid > y->thread.tid) - (x->thread.tid < y->thread.tid);
}

/* Looks among the first `n` members, which are sorted. NULL: not found. */
static const struct held_member *find_member(const struct held_process *held, size_t n, int32_t tid)
{
	const struct held_member key = { .thread.tid = tid };

	return n > 0 ? bsearch(&key, held->members, n, sizeof(key), compare_members) : NULL;
}

/* A thread that has ended, and only waits for the others, cannot be traced. */
static bool has_ended(struct proc *proc, int32_t tid)
{
	struct error ignored;

	return trace_explain(proc, tid, -EPERM, &ignored) == -ESRCH;
}

/* -ECANCELED: abandoned. */
static int add_member(struct held_process *held, int32_t tid)
{
	int r;

	handover_begin_asking(&held->handover);
	r = trace_interrupt(tid, &held->patience);
	if (!handover_end_asking(&held->handover))
		return -ECANCELED;
	if (r == -ESRCH || (r == -EPERM && has_ended(held->proc, tid)))
		return 0;
	if (r < 0)
		return trace_explain(held->proc, tid, r, held->err);
	if (held->n == THREADS_MAX)
		return error_set(held->err, -E2BIG, "process %d has more than %d threads", held->proc->pid,
				 THREADS_MAX);
	mem_grow(held->members, held->n, held->cap);
	held->members[held->n++] = (struct held_member){ .thread.tid = tid };
	return 0;
}

/* Begins to stop all threads that are new since the last call. Returns their number, or a negative errno. */
static ssize_t interrupt_new(struct held_process *held)
{
	DIR *dir = proc_open_threads(held->proc->fd);
	size_t n_before = held->n;
	struct dirent *entry;
	int r = 0;

	if (!dir)
		return trace_explain(held->proc, held->proc->pid, -errno, held->err);
	errno = 0;
	while (r == 0 && (entry = readdir(dir))) {
		uint64_t tid;

		if (text_parse_u64(entry->d_name, 10, &tid) && tid > 0 && tid <= INT32_MAX &&
		    !find_member(held, n_before, (int32_t)tid))
			r = add_member(held, (int32_t)tid);
		errno = 0;
	}
	/* If the process has ended meanwhile, the list is empty. */
	if (r == 0 && errno != 0 && errno != ENOENT)
		r = trace_explain(held->proc, held->proc->pid, -errno, held->err);
	closedir(dir);
	return r < 0 ? r : (ssize_t)(held->n - n_before);
}

static void read_words(struct held_member *member)
{
	ssize_t n = trace_registers(member->thread.tid, member->words, GENERAL_MAX);

	member->len = (size_t)MAX(n, 0);
	n = member->len % 8 == 0 ?
		    trace_float_registers(member->thread.tid, member->words + member->len, FLOAT_MAX) :
		    0;
	member->len = n < 0 ? 0 : member->len + (size_t)n;
}

/*
 * Waits for the members from the i-th on. Leaves out a thread that has ended meanwhile, or whose
 * number has been reused by another process.
 */
static int wait_for_new(struct held_process *held, size_t i)
{
	for (; i < held->n; i++) {
		struct held_member *member = &held->members[i];
		int32_t tid = member->thread.tid;
		int r = trace_wait(held->proc, tid, &held->patience, &member->thread);

		if (r < 0 && r != -ESRCH)
			return trace_explain(held->proc, tid, r, held->err);
		member->is_stopped = r == 0;
		if (r == 0)
			read_words(member);
	}
	return 0;
}

/* Only running threads can create new ones: once a look at all threads shows no new one, all are stopped. */
static int stop_all(struct held_process *held)
{
	ssize_t n_new = 1;
	int r = 0;

	while (r == 0 && n_new > 0) {
		size_t n_before = held->n;

		n_new = interrupt_new(held);
		r = n_new < 0 ? (int)n_new : wait_for_new(held, n_before);
		mem_sort(held->members, held->n, sizeof(*held->members), compare_members);
	}
	if (r == 0 && held->n == 0)
		return error_set(held->err, -ESRCH, "process %d has ended", held->proc->pid);
	return r;
}

/* ---- the thread that traces ---- */

/* Threads that have not stopped are let go when the tracer ends. */
static void *hold(void *data)
{
	struct held_process *held = data;

	held->result = stop_all(held);
	if (held->result == -ECANCELED) {
		held_free(held);
		return NULL;
	}
	handover_set(&held->handover, HANDOVER_STOPPED);
	if (held->result == 0)
		handover_wait_released(&held->handover, HOLD_TIMEOUT);
	for (size_t i = 0; i < held->n; i++)
		if (held->members[i].is_stopped)
			trace_resume(&held->members[i].thread);
	return NULL;
}

/* Ctrl-Z would stop us, and the stopped threads would wait as long. It takes effect when they go on. */
static void block_job_control(sigset_t *ret_before)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	sigaddset(&set, SIGTTIN);
	sigaddset(&set, SIGTTOU);
	pthread_sigmask(SIG_BLOCK, &set, ret_before);
}

void proc_release_process(struct proc *proc)
{
	if (proc->held_process)
		handover_set(&proc->held_process->handover, HANDOVER_RELEASED);
	proc->held_process = NULL;
}

static int act_on_stopped(struct held_process *held, hold_fn *act, void *context)
{
	int r = held->result;

	if (r < 0)
		return r;
	held->proc->held_process = held;
	r = act(context, held->err);
	proc_release_process(held->proc);
	return r;
}

/* Frees `held`, unless the tracer is abandoned. */
static int run_held(struct held_process *held, hold_fn *act, void *context, struct error *err)
{
	struct proc *proc = held->proc;
	pthread_t tracer;
	int r = pthread_create(&tracer, NULL, hold, held);

	if (r != 0) {
		held_free(held);
		return error_set(err, -r, "cannot start a thread to stop others: %s", strerror(r));
	}
	if (!handover_wait_stopped(&held->handover, tracer, &proc->patience))
		return error_set(err, -ETIMEDOUT,
				 "process %d cannot be stopped: it has not finished executing a program "
				 "(execve)",
				 proc->pid);
	stop_patience_charge(&held->patience, proc, held->result);
	r = act_on_stopped(held, act, context);
	pthread_join(tracer, NULL);
	if (held->handover.is_late)
		r = error_set(err, -ETIMEDOUT, "the process went on after %d s, before its memory was read",
			      HOLD_TIMEOUT);
	held_free(held);
	return r;
}

int proc_hold_process(struct proc *proc, hold_fn *act, void *context, struct error *err)
{
	struct held_process *held;
	sigset_t before;
	int r;

	if (!proc->is_live || !proc->is_ours)
		return error_set(err, -ENOTSUP, "only a running process of this system can be stopped");
	held = mem_alloc(sizeof(*held));
	*held = (struct held_process){ .proc = proc, .err = err };
	handover_init(&held->handover);
	stop_patience_init(&held->patience, proc);
	block_job_control(&before);
	r = run_held(held, act, context, err);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r;
}

ssize_t proc_read_register_words(const struct proc *proc, int32_t tid, void *buf, size_t len)
{
	const struct held_process *held = proc->held_process;
	const struct held_member *member = held ? find_member(held, held->n, tid) : NULL;

	if (!member || !member->is_stopped)
		return -ESRCH;
	len = MIN(len, member->len);
	memcpy(buf, member->words, len);
	return (ssize_t)len;
}
