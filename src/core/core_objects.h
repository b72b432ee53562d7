/* SPDX-License-Identifier: MIT */
/*
 * The files that a core file's process had mapped: the right one, or none. A path leads to it as it stands or
 * below a directory that the user gives (--sysroot), and only a file whose build-id is in the core's memory, or
 * else whose first page is, is used: others have taken its place since.
 */
#pragma once

#include <sys/stat.h>

#include "core/core_file.h"
#include "model/facts.h"
#include "model/request.h"

#define NO_SYSROOT (-1)

/* An O_PATH descriptor of what a path leads to below an open directory, links included; or a negative errno. */
int core_find_path(int sysroot_fd, const char *path);

/*
 * Opens the file of an object for reading. A descriptor; -ESTALE: another file has its place; -ENODATA: the
 * core has nothing to compare it with; -ENXIO: no regular file; or another negative errno.
 */
int core_open_object(const struct core_file *core, const struct facts *facts, const struct object *object,
		     int sysroot_fd, struct stat *ret_stat);

/* Gives objects that may be modules their images, of NEED_SECTIONS with sections, and states. */
void core_read_objects(const struct core_file *core, struct facts *facts, int sysroot_fd, unsigned needs);
