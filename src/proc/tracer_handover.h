/* SPDX-License-Identifier: MIT */
/*
 * The handover between the tracer, a thread that does nothing else, and the reader, the thread that
 * reads what is stopped; for stop_thread.c and stop_process.c. The tracer waits only a limited time
 * for its release, whatever holds the reader up.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>

struct handover {
	pthread_mutex_t mutex; /* protects the fields below */
	pthread_cond_t changed;
	enum handover_state { HANDOVER_STOPPING, HANDOVER_STOPPED, HANDOVER_RELEASED } state;
	bool is_late; /* the tracer has let go without being released */
};

void handover_init(struct handover *handover);

void handover_set(struct handover *handover, enum handover_state state);

/* For the reader: waits until the tracer has stopped the target, or has failed to. */
void handover_wait_stopped(struct handover *handover);

/* For the reader: whether the tracer has already let go. */
bool handover_is_late(struct handover *handover);

/* For the tracer: waits until it is released; after `seconds`, is_late is set instead. */
void handover_wait_released(struct handover *handover, int seconds);
