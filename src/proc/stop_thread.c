/* SPDX-License-Identifier: MIT */
#include "proc/stop_thread.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "proc/tracer_handover.h"
#include "proc/trace.h"

/* s: far more than even a deep recursion takes to read. */
#define HOLD_TIMEOUT 10

/*
 * PTRACE_DETACH cannot release a thread that has not stopped in time; the thread would stop later,
 * for as long as it has a tracer. So the tracer is a separate thread: when it ends, the kernel
 * releases whatever it traces. The tracer does nothing else, so it can release the thread in time
 * even if we are held up. If it is abandoned, it frees this.
 */
struct held_thread {
	struct proc *proc;
	int32_t tid;
	struct error *err;
	struct handover handover;
	struct stop_patience patience;
	int result; /* of stopping the thread */
	unsigned char words[64 * sizeof(uint64_t)];
	size_t registers_len; /* bytes in `words` */
	int registers_error;
};

/* -ECANCELED: abandoned. */
static int stop_thread(struct held_thread *held, struct stopped_thread *ret)
{
	int32_t tid = held->tid;
	int r = trace_find(held->proc, tid);

	if (r == -ESRCH)
		return error_set(held->err, r, "process %d has no thread %d", held->proc->pid, tid);
	if (r == 0) {
		handover_begin_asking(&held->handover);
		r = trace_interrupt(tid, &held->patience);
		if (!handover_end_asking(&held->handover))
			return -ECANCELED;
	}
	if (r == 0)
		r = trace_wait(held->proc, tid, &held->patience, ret);
	return r < 0 ? trace_explain(held->proc, tid, r, held->err) : 0;
}

static void read_words(struct held_thread *held)
{
	ssize_t n = trace_registers(held->tid, held->words, sizeof(held->words));

	held->registers_len = (size_t)MAX(n, 0);
	held->registers_error = (int)MIN(n, 0);
}

static void *hold(void *data)
{
	struct held_thread *held = data;
	struct stopped_thread thread;
	int r = stop_thread(held, &thread);

	if (r == -ECANCELED) {
		free(held);
		return NULL;
	}
	held->result = r;
	if (r == 0)
		read_words(held);
	handover_set(&held->handover, HANDOVER_STOPPED);
	if (r == 0) {
		handover_wait_released(&held->handover, HOLD_TIMEOUT);
		trace_resume(&thread);
	}
	return NULL;
}

static int act_on_stopped(struct held_thread *held, hold_fn *act, void *context)
{
	int r = held->result;

	if (r < 0)
		return r;
	held->proc->held = held;
	r = act(context, held->err);
	held->proc->held = NULL;
	handover_set(&held->handover, HANDOVER_RELEASED);
	return r;
}

int proc_hold_thread(struct proc *proc, int32_t tid, hold_fn *act, void *context, struct error *err)
{
	struct held_thread *held;
	pthread_t tracer;
	int r;

	if (!proc->is_live || !proc->is_ours)
		return error_set(err, -ENOTSUP, "only a running process of this system can be stopped");
	held = mem_alloc(sizeof(*held));
	*held = (struct held_thread){ .proc = proc, .tid = tid, .err = err };
	handover_init(&held->handover);
	stop_patience_init(&held->patience, proc);
	r = pthread_create(&tracer, NULL, hold, held);
	if (r != 0) {
		free(held);
		return error_set(err, -r, "cannot start a thread to stop another: %s", strerror(r));
	}
	if (!handover_wait_stopped(&held->handover, tracer, &proc->patience))
		return error_set(err, -ETIMEDOUT,
				 "thread %d cannot be stopped: its process has not finished executing a "
				 "program (execve)",
				 tid);
	stop_patience_charge(&held->patience, proc, held->result);
	r = act_on_stopped(held, act, context);
	pthread_join(tracer, NULL);
	if (held->handover.is_late)
		r = error_set(err, -ETIMEDOUT, "thread %d went on after %d s, before its stack was read", tid,
			      HOLD_TIMEOUT);
	free(held);
	return r;
}

bool proc_went_on(const struct proc *proc)
{
	return proc->held && handover_is_late(&proc->held->handover);
}

int proc_read_registers(const struct proc *proc, unsigned machine, struct registers *ret)
{
	const struct held_thread *held = proc->held;

	if (!held || held->registers_error)
		return held ? held->registers_error : -ESRCH;
	return registers_from_status(held->words, held->registers_len, machine, ret);
}
