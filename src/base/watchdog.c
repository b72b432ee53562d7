/* SPDX-License-Identifier: MIT */
#include "base/watchdog.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/util.h"

#define LOOK_EVERY_MS 200

struct watchdog {
	pthread_mutex_t mutex; /* protects the fields below */
	pthread_cond_t begun;
	enum { IDLE, WATCHING, REPLACED } state;
	bool is_asleep; /* until `begun` */
	pthread_t thread;
	clockid_t clock; /* of the CPU time of the thread that is watched */
	sigset_t mask;	 /* its signal mask */
	uint64_t worked; /* that CPU time at the last look, in nanoseconds */
	uint64_t looked; /* when that was, in milliseconds */
	uint64_t waited, limit;
	watchdog_fn *go_on;
	void *context;
};

/* Its thread waits for the next job. */
static struct watchdog *idle;

/* Of the thread that starts: see wait_until_started(). */
static pthread_mutex_t start_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t started = PTHREAD_COND_INITIALIZER;
static bool is_starting;

/* ---- the thread that watches ---- */

/* Between two looks that are far apart, nobody could work: all of us were stopped. */
static void look(struct watchdog *watchdog)
{
	uint64_t worked = clock_ns(watchdog->clock);
	uint64_t at = clock_ms(CLOCK_MONOTONIC);

	if (worked == watchdog->worked && at - watchdog->looked < 3 * LOOK_EVERY_MS)
		watchdog->waited += at - watchdog->looked;
	watchdog->worked = worked;
	watchdog->looked = at;
}

static void wait_until_begun(struct watchdog *watchdog)
{
	watchdog->is_asleep = true;
	while (watchdog->state == IDLE)
		pthread_cond_wait(&watchdog->begun, &watchdog->mutex);
	watchdog->is_asleep = false;
}

/* Called with the mutex held; releases it while it waits. */
static void wait_until_stuck(struct watchdog *watchdog)
{
	while (watchdog->state == IDLE || watchdog->waited <= watchdog->limit) {
		wait_until_begun(watchdog);
		pthread_mutex_unlock(&watchdog->mutex);
		usleep(LOOK_EVERY_MS * 1000);
		pthread_mutex_lock(&watchdog->mutex);
		if (watchdog->state == WATCHING)
			look(watchdog);
	}
}

static void __attribute__((noreturn)) stay(int number _unused_)
{
	for (;;)
		pause();
}

/* A signal that nobody else uses reaches the thread once the kernel lets it go: it gets no further. */
static void hold_for_good(pthread_t thread)
{
	struct sigaction action = { .sa_handler = stay };

	sigfillset(&action.sa_mask);
	sigaction(SIGURG, &action, NULL);
	pthread_kill(thread, SIGURG);
}

static void set_starting(bool value)
{
	pthread_mutex_lock(&start_mutex);
	is_starting = value;
	pthread_cond_signal(&started);
	pthread_mutex_unlock(&start_mutex);
}

static void *watch(void *data)
{
	struct watchdog *watchdog = data;

	set_starting(false);
	pthread_mutex_lock(&watchdog->mutex);
	wait_until_stuck(watchdog);
	watchdog->state = REPLACED;
	pthread_mutex_unlock(&watchdog->mutex);
	hold_for_good(watchdog->thread);
	pthread_sigmask(SIG_SETMASK, &watchdog->mask, NULL);
	watchdog->go_on(watchdog->context);
	return NULL;
}

/* ---- the thread that is watched ---- */

/*
 * Before fork(2), which copies only the thread that calls it: a lock that another one holds, such as that
 * of a sanitizer's allocator while a thread starts, is never released in the child.
 */
static void wait_until_started(void)
{
	pthread_mutex_lock(&start_mutex);
	while (is_starting)
		pthread_cond_wait(&started, &start_mutex);
	pthread_mutex_unlock(&start_mutex);
}

/* Until one thread replaces the other, signals are for the one that is watched: they end its calls. */
static bool start_thread(struct watchdog *watchdog)
{
	static bool is_fork_safe;
	pthread_attr_t attributes;
	pthread_t thread;
	sigset_t all;
	bool is_started;

	if (!is_fork_safe)
		is_fork_safe = pthread_atfork(wait_until_started, NULL, NULL) == 0;
	sigfillset(&all);
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setsigmask_np(&attributes, &all);
	set_starting(true);
	is_started = pthread_create(&thread, &attributes, watch, watchdog) == 0;
	if (!is_started)
		set_starting(false);
	pthread_attr_destroy(&attributes);
	return is_started;
}

static struct watchdog *take_idle(void)
{
	struct watchdog *watchdog = idle;

	idle = NULL;
	if (watchdog)
		return watchdog;
	watchdog = mem_alloc(sizeof(*watchdog));
	pthread_mutex_init(&watchdog->mutex, NULL);
	pthread_cond_init(&watchdog->begun, NULL);
	if (start_thread(watchdog))
		return watchdog;
	free(watchdog);
	return NULL;
}

struct watchdog *watchdog_begin(int limit_ms, watchdog_fn *go_on, void *context)
{
	struct watchdog *watchdog = take_idle();

	if (!watchdog)
		return NULL;
	pthread_mutex_lock(&watchdog->mutex);
	watchdog->thread = pthread_self();
	pthread_getcpuclockid(watchdog->thread, &watchdog->clock);
	pthread_sigmask(SIG_SETMASK, NULL, &watchdog->mask);
	watchdog->looked = clock_ms(CLOCK_MONOTONIC);
	watchdog->waited = 0;
	watchdog->limit = (uint64_t)limit_ms;
	watchdog->go_on = go_on;
	watchdog->context = context;
	watchdog->state = WATCHING;
	if (watchdog->is_asleep)
		pthread_cond_signal(&watchdog->begun);
	pthread_mutex_unlock(&watchdog->mutex);
	return watchdog;
}

int watchdog_end(struct watchdog *watchdog)
{
	uint64_t waited;

	if (!watchdog)
		return 0;
	pthread_mutex_lock(&watchdog->mutex);
	if (watchdog->state == REPLACED) {
		pthread_mutex_unlock(&watchdog->mutex);
		stay(0);
	}
	watchdog->state = IDLE;
	waited = watchdog->waited;
	pthread_mutex_unlock(&watchdog->mutex);
	idle = watchdog;
	return (int)waited;
}
