/* SPDX-License-Identifier: MIT */
/*
 * From a target to an address space: opens the source that its sort needs, and inspects it.
 */
#pragma once

#include "base/error.h"
#include "base/progress.h"
#include "front/targets.h"
#include "model/request.h"
#include "model/space.h"

struct read_settings {
	const char *procfs;  /* the proc root */
	const char *sysroot; /* below which the files of a core file are, or NULL */
	const struct request *request;
	struct progress *progress; /* as of struct source */
};

/*
 * 0, and the caller ends `space` with space_done(); or a negative errno: -ESRCH, -ENODATA or -ESTALE of a process
 * that has ended, has no memory or keeps on changing.
 */
int read_target(const struct read_settings *settings, const struct target *target, struct space *space,
		struct error *err);
