/* SPDX-License-Identifier: MIT */
#include "commands/read_guarded.h"

#include <errno.h>

#include "base/watchdog.h"
#include "proc/patience.h"
#include "proc/user_names.h"

/*
 * How long a reader may wait in all, in milliseconds: longer than for a helper process and a thread that
 * is to be stopped (proc/patience.h). Longer waits wake up more often than the watchdog looks (base/pool.c,
 * base/limited_process.c). Once a run has waited long in all, the second limit holds.
 */
#define WAIT_MS 8000
#define WAIT_LATER_MS 2000

struct reader {
	const struct read_settings *settings;
	struct patience patience;
	int limit_ms;
	int ms_left_before;
	const struct successor *successor;
};

/* Helper processes have charged the run for their own part. */
static void charge(struct reader *reader, int waited_ms)
{
	const int *left = reader->settings->run_ms_left;
	int charged = left ? reader->ms_left_before - *left : 0;

	patience_charge(&reader->patience, MAX(waited_ms - charged, 0));
}

static void give_up(void *context)
{
	struct reader *reader = context;
	struct error err;

	charge(reader, reader->limit_ms);
	error_set(&err, -ETIMEDOUT,
		  "does not answer: the kernel has not let memmap go on reading it for %d s",
		  reader->limit_ms / 1000);
	reader->successor->go_on(reader->successor->context, &err);
}

static int read_watched(struct reader *reader, const struct target *target, struct space *space,
			struct error *err)
{
	struct watchdog *watchdog = watchdog_begin(reader->limit_ms, give_up, reader);
	int r = read_target(reader->settings, target, space, err);

	charge(reader, watchdog_end(watchdog));
	return r;
}

int read_guarded(const struct read_settings *settings, const struct target *target,
		 const struct successor *successor, struct space *space, struct error *err)
{
	struct reader reader = {
		.settings = settings,
		.patience = patience_with_next(settings->run_ms_left),
		.ms_left_before = settings->run_ms_left ? *settings->run_ms_left : 0,
		.successor = successor,
	};
	int r;

	if (!target_is_process(target))
		return read_target(settings, target, space, err);
	reader.limit_ms = MAX(patience_limit(&reader.patience, WAIT_MS), WAIT_LATER_MS);
	r = read_watched(&reader, target, space, err);
	/* A name service may take longer, which is not the fault of the process. */
	if (r == 0)
		name_user(&space->facts, space->facts.process.uid);
	return r;
}
