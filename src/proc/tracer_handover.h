/* SPDX-License-Identifier: MIT */
/*
 * Between a thread that traces, and does nothing else, and the one that reads what it has stopped: for
 * stop_thread.c and stop_process.c. The first waits for the release for a limited time, whatever holds the second up.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>

struct handover {
	pthread_mutex_t mutex; /* of what follows */
	pthread_cond_t changed;
	enum handover_state { HANDOVER_STOPPING, HANDOVER_STOPPED, HANDOVER_RELEASED } state;
	bool is_late; /* the tracer lets go, although it was not released */
};

void handover_init(struct handover *handover);

void handover_set(struct handover *handover, enum handover_state state);

/* Of the thread that reads: until the other has stopped what it traces, or has failed to. */
void handover_wait_stopped(struct handover *handover);

/* Of the thread that reads: whether the other has let go already. */
bool handover_is_late(struct handover *handover);

/* Of the thread that traces: until it is released, or is_late after `seconds`. */
void handover_wait_released(struct handover *handover, int seconds);
