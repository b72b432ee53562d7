/* SPDX-License-Identifier: MIT */
/*
 * A core file as a source: a process as it was when it ended, or when a debugger dumped it. Its
 * threads stand still for ever, and memory that the file lacks is unknown.
 */
#pragma once

#include "core/core_file.h"
#include "source/source.h"

struct core_source {
	struct source source; /* for source_*() */
	struct core_file file;
	const char *name;
	int fd, sysroot_fd;
};

/*
 * `fd` is open for reading, `name` is the name of the file; both are borrowed. `sysroot`: the
 * directory below which to look for the files that the process had mapped, or NULL. 0; -EBADMSG or
 * -ENOEXEC: damaged, or not of a process; or another negative errno. Call source_close() only if
 * this returns 0.
 */
int core_source_open(struct core_source *core, int fd, const char *name, const char *sysroot,
		     struct error *err);
