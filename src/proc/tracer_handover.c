/* SPDX-License-Identifier: MIT */
#include "proc/tracer_handover.h"

#include <time.h>

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

void handover_wait_stopped(struct handover *handover)
{
	pthread_mutex_lock(&handover->mutex);
	while (handover->state == HANDOVER_STOPPING)
		pthread_cond_wait(&handover->changed, &handover->mutex);
	pthread_mutex_unlock(&handover->mutex);
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
	struct timespec end;
	int r = 0;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	pthread_mutex_lock(&handover->mutex);
	while (handover->state != HANDOVER_RELEASED && r == 0)
		r = pthread_cond_timedwait(&handover->changed, &handover->mutex, &end);
	handover->is_late = handover->state != HANDOVER_RELEASED;
	pthread_mutex_unlock(&handover->mutex);
}
