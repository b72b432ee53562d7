/* SPDX-License-Identifier: MIT */
/*
 * The files that the process of a core file had mapped: the right ones, or none. A path is looked
 * up as it is, or below a directory that the user gives (--sysroot). A file is only used if its
 * build-id or, without one, its first page is the same as in the core's memory: it may have been
 * replaced since.
 */
#pragma once

#include <sys/stat.h>

#include "core/core_file.h"
#include "model/facts.h"
#include "model/request.h"

#define NO_SYSROOT (-1)

/*
 * An O_PATH descriptor of what a path leads to, links included, below an open directory (or as it
 * is, with NO_SYSROOT); or a negative errno.
 */
int core_find_path(int sysroot_fd, const char *path);

/*
 * Opens the file of an object for reading. A descriptor; -ESTALE: another file has taken its place;
 * -ENODATA: the core has nothing to compare it with; -ENXIO: not a regular file; or another
 * negative errno.
 */
int core_open_object(const struct core_file *core, const struct facts *facts, const struct object *object,
		     int sysroot_fd, struct stat *ret_stat);

/*
 * Gives objects that may be modules their states and their images, with sections if NEED_SECTIONS
 * asks for them.
 */
void core_read_objects(const struct core_file *core, struct facts *facts, int sysroot_fd, unsigned needs);
