/* SPDX-License-Identifier: MIT */
/*
 * A core file as a source: a process as it was when it ended, or when a debugger wrote it down. Its threads
 * stand still for ever, and what the file does not have of its memory is unknown.
 */
#pragma once

#include "core/core_file.h"
#include "source/source.h"

struct core_source {
	struct source source; /* to be asked */
	struct core_file file;
	const char *name;
	int fd, sysroot_fd;
};

/*
 * `fd` is open for reading, `name` is what the file is called; both are borrowed. `sysroot`: the directory
 * below which the files are that the process had mapped, or NULL. 0; -EBADMSG or -ENOEXEC: damaged, or
 * not of a process; or another negative errno. Ends with source_close() where this is 0.
 */
int core_source_open(struct core_source *core, int fd, const char *name, const char *sysroot,
		     struct error *err);
