/* SPDX-License-Identifier: MIT */
/*
 * Files below a directory of procfs, or of a recorded tree, which may hold anything.
 */
#pragma once

#include <stddef.h>

#include "proc/parse_status.h"

/*
 * Opens a file below a directory for reading. A descriptor or a negative errno: -ESRCH where the directory's process
 * is gone.
 */
int proc_open_file(int dir_fd, const char *name);

/*
 * Each of these gives bytes with a NUL after them, which the caller frees, and how many there are. 0; or a negative
 * errno, and neither is set.
 */

/* A whole file below a directory. */
int proc_read_file(int dir_fd, const char *name, char **ret, size_t *ret_len);

/*
 * The name of a process or thread: from its stat, as it was read (state 0: it could not be), else from the
 * file comm that `name` is below a directory.
 */
int proc_read_comm(const struct proc_stat *stat, int dir_fd, const char *name, char **ret, size_t *ret_len);

/* Where a symbolic link below a directory points to. */
int proc_read_link(int dir_fd, const char *name, char **ret, size_t *ret_len);
