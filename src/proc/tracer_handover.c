/* SPDX-License-Identifier: MIT */
#include "proc/tracer_handover.h"

#include "base/clock.h"

void handover_init(struct handover *handover)
{
	pthread_condattr_t attributes;

	pthread_mutex_init(&handover->mutex, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&handover->changed, &attributes);
	pthread_condattr_destroy(&attributes);
}

void handover_set(struct handover *handover, enum handover_state state)
{
	pthread_mutex_lock(&handover->mutex);
	handover->state = state;
	pthread_cond_signal(&handover->changed);
	pthread_mutex_unlock(&handover->mutex);
}

/* The mutex is held. False: it took too long. */
static bool wait_for_change(struct handover *handover, int ms)
{
	struct timespec end = clock_time(clock_ns(CLOCK_MONOTONIC) + (uint64_t)ms * 1000000);
	enum handover_state before = handover->state;
	int r = 0;

	while (handover->state == before && r == 0)
		r = pthread_cond_timedwait(&handover->changed, &handover->mutex, &end);
	return handover->state != before;
}

bool handover_wait_stopped(struct handover *handover, pthread_t tracer, struct patience *patience)
{
	int ask_ms = patience_limit(patience, PATIENCE_MS);
	bool is_abandoned;

	pthread_mutex_lock(&handover->mutex);
	while (handover->state == HANDOVER_STOPPING && !handover->is_abandoned) {
		unsigned n = handover->n_asked;

		/* With many threads it may take long, but not that long for one. */
		handover->is_abandoned =
			!wait_for_change(handover, ask_ms) && n % 2 == 1 && handover->n_asked == n;
	}
	is_abandoned = handover->is_abandoned;
	pthread_mutex_unlock(&handover->mutex);
	if (is_abandoned) {
		pthread_detach(tracer);
		patience_charge(patience, ask_ms);
	}
	return !is_abandoned;
}

static bool note_ask(struct handover *handover)
{
	bool is_abandoned;

	pthread_mutex_lock(&handover->mutex);
	handover->n_asked++;
	is_abandoned = handover->is_abandoned;
	pthread_mutex_unlock(&handover->mutex);
	return !is_abandoned;
}

void handover_begin_asking(struct handover *handover)
{
	note_ask(handover);
}

bool handover_end_asking(struct handover *handover)
{
	return note_ask(handover);
}

bool handover_is_late(struct handover *handover)
{
	bool is_late;

	pthread_mutex_lock(&handover->mutex);
	is_late = handover->is_late;
	pthread_mutex_unlock(&handover->mutex);
	return is_late;
}

void handover_wait_released(struct handover *handover, int seconds)
{
	pthread_mutex_lock(&handover->mutex);
	handover->is_late =
		handover->state != HANDOVER_RELEASED && !wait_for_change(handover, seconds * 1000);
	pthread_mutex_unlock(&handover->mutex);
}
