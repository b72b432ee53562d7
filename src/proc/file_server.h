/* SPDX-License-Identifier: MIT */
/*
 * Which files are local: this machine's kernel alone provides them. Other files come from a server,
 * which may be down or belong to the target; opening, reading or looking up such a file waits for
 * the server.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "model/facts.h"
#include "proc/process.h"

/* mountinfo: the file systems that the process sees, and those that we see. NULL if it could not be read. */
const struct mounts *proc_mounts(struct proc *proc);

/* Whether files of a device are local. */
bool proc_is_local(struct proc *proc, uint32_t major, uint32_t minor);

/* Whether the file of a mapping is local, or waiting for its server does no harm. */
bool object_is_local(struct proc *proc, const struct object *object);

/* Likewise for the file that an O_PATH descriptor stands for. */
bool proc_is_local_file(struct proc *proc, int path_fd);

/* Whether all file systems are local, so a path cannot lead to a file that is not. */
bool proc_all_local(struct proc *proc);
