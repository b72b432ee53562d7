/* SPDX-License-Identifier: MIT */
/*
 * The handover between the tracer, a thread that does nothing else, and the reader, the thread that
 * reads what is stopped; for stop_thread.c and stop_process.c. The tracer waits only a limited time
 * for its release, whatever holds the reader up. The reader waits only a limited time for the kernel
 * to let the tracer at the target: while another thread of the target is in execve(2), which a file
 * system's server can hold up, it does not (cred_guard_mutex), and no signal ends that.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>

#include "proc/patience.h"

struct handover {
	pthread_mutex_t mutex; /* protects the fields below */
	pthread_cond_t changed;
	enum handover_state { HANDOVER_STOPPING, HANDOVER_STOPPED, HANDOVER_RELEASED } state;
	bool is_late;	   /* the tracer has let go without being released */
	bool is_abandoned; /* the reader does not wait any longer */
	unsigned n_asked;  /* how often the tracer has begun or finished asking: odd while it asks */
};

void handover_init(struct handover *handover);

void handover_set(struct handover *handover, enum handover_state state);

/*
 * For the reader: waits until the tracer has stopped the target, or has failed to. False: the
 * kernel does not answer the tracer about one thread, for as long as our patience lasts, which is
 * charged. Then the tracer is abandoned: now all that the two share is the tracer's.
 */
bool handover_wait_stopped(struct handover *handover, pthread_t tracer, struct patience *patience);

/* For the tracer, before it asks the kernel for a thread, and afterwards. False: it has been abandoned. */
void handover_begin_asking(struct handover *handover);
bool handover_end_asking(struct handover *handover);

/* For the reader: whether the tracer has already let go. */
bool handover_is_late(struct handover *handover);

/* For the tracer: waits until it is released; after `seconds`, is_late is set instead. */
void handover_wait_released(struct handover *handover, int seconds);
