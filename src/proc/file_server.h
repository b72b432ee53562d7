/* SPDX-License-Identifier: MIT */
/*
 * Which files this machine's kernel answers for by itself. Others have a server, which may be away or the
 * target's own, and whoever opens, reads or looks for such a file waits for it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "model/facts.h"
#include "proc/process.h"

/* The file systems that the process sees, and those that we see; NULL when they could not be read. */
const char *proc_mounts(struct proc *proc);

/* Whether files of a device are local. */
bool proc_is_local(struct proc *proc, uint32_t major, uint32_t minor);

/* Whether the file of a mapping is, or waiting for it is no harm. */
bool object_is_local(struct proc *proc, const struct object *object);

/* Whether what an O_PATH descriptor stands for is. */
bool proc_is_local_file(struct proc *proc, int path_fd);

/* Whether all files that a path may lead to are. */
bool proc_all_local(struct proc *proc);

/*
 * fstat() of an O_PATH descriptor, from what the kernel knows of it without a server: device, inode, mode, owner and
 * the time of the last change. 0, or a negative errno.
 */
int stat_cached(int path_fd, struct stat *ret);
