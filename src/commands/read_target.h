/* SPDX-License-Identifier: MIT */
/*
 * From a target to an address space: opens the source for its type, and inspects it.
 */
#pragma once

#include "base/error.h"
#include "base/progress.h"
#include "front/targets.h"
#include "model/request.h"
#include "model/space.h"

struct read_settings {
	const char *procfs;  /* the proc root */
	const char *sysroot; /* directory with the mapped files of a core file, or NULL */
	const struct request *request;
	struct progress *progress; /* as in struct source */
	int *run_ms_left;	   /* as in struct patience */
};

/*
 * 0, and the caller ends `space` with space_done(); or a negative errno. For a process: -ESRCH, it
 * has ended; -ENODATA, it has no memory; -ESTALE, it keeps changing. A process can make this wait for
 * ever, so it holds no lock in calls that may wait: see commands/read_guarded.h. The name of its user is
 * not found.
 */
int read_target(const struct read_settings *settings, const struct target *target, struct space *space,
		struct error *err);
