/* SPDX-License-Identifier: MIT */
/*
 * Finds the file of a mapping, as an O_PATH descriptor.
 */
#pragma once

#include <sys/stat.h>

#include "model/facts.h"
#include "proc/process.h"

/* Tries every way, the best one first. A descriptor, or a negative errno. */
int find_file(struct proc *proc, const struct facts *facts, const struct object *object, struct stat *ret);

/*
 * The simple case: the name leads to the file. The mapping keeps its inode from being reused, so
 * equal device and inode mean the same file. If they differ, the caller has to look further.
 */
int find_file_by_name(const struct proc *proc, const struct object *object, struct stat *ret);

/*
 * Opens the file that was found for a mapping on a local device. If it is not known to be on that
 * device, it may have been put in the mapped file's place; then it has to be local itself, or the
 * result is -EAGAIN.
 */
int open_found_file(struct proc *proc, const struct object *object, int path_fd, const struct stat *st);
