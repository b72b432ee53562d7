/* SPDX-License-Identifier: MIT */
/*
 * Finds the file of a mapping, as an O_PATH descriptor.
 */
#pragma once

#include <sys/stat.h>

#include "model/facts.h"
#include "proc/process.h"

/* By each way that there is, the best one first. A descriptor, or a negative errno. */
int find_file(struct proc *proc, const struct facts *facts, const struct object *object, struct stat *ret);

/*
 * The plain case: its name leads to it.
 * The mapping keeps its inode from being given to another file, so one pair of device and inode is
 * one file. Where they differ, more has to be asked.
 */
int find_file_by_name(const struct proc *proc, const struct object *object, struct stat *ret);

/*
 * Opens what is found of a mapping on a local device: what is not known to be on that device may be what has been
 * put in its place.
 */
int open_found_file(struct proc *proc, const struct object *object, int path_fd, const struct stat *st);
