/* SPDX-License-Identifier: MIT */
/*
 * The file behind a mapping: the right one, or none.
 *
 * A path in /proc/PID/maps is not enough to find it: the process may live in a container or a
 * chroot, the file may have been deleted, replaced or hidden by a mount. So each candidate is
 * reached through the process's own links where that is allowed (map_files, exe, root), or is
 * shown to be the mapped file: by device and inode, by build-id, or by its first page in memory.
 */
#pragma once

#include <sys/stat.h>

#include "model/facts.h"
#include "proc/process.h"

/*
 * Opens the file of `object` for reading if it is a regular file; *ret_stat describes it whenever
 * it was found. Devices, fifos and so on are not opened, and nothing blocks. A descriptor; -ENXIO:
 * found, but not a regular file; -ESTALE: found, but what is mapped is an earlier version of it; or
 * another negative errno.
 */
int open_object(struct proc *proc, const struct facts *facts, const struct object *object,
		struct stat *ret_stat);

/* Likewise opens the program that the process runs. */
int open_exe(struct proc *proc);

/* Like open_object(), but does not open the file. 0, or a negative errno. */
int stat_object(struct proc *proc, const struct facts *facts, const struct object *object, struct stat *ret);
