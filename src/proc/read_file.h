/* SPDX-License-Identifier: MIT */
/*
 * Files below a directory of procfs, or of a recorded tree, which may hold anything.
 */
#pragma once

#include <stddef.h>

#include "proc/parse_status.h"

/*
 * Opens a file below a directory for reading. A descriptor; -ESRCH: the directory's process is
 * gone; or another negative errno.
 */
int proc_open_file(int dir_fd, const char *name);

/*
 * Each of these returns bytes, which are followed by a NUL, and their number; the caller frees the
 * bytes. 0; or a negative errno, and neither is set.
 */

/* A whole file below a directory. */
int proc_read_file(int dir_fd, const char *name, char **ret, size_t *ret_len);

/*
 * The name of a process or thread: from its stat, or, if that could not be read (state 0), from the
 * file comm, which is `name` below a directory.
 */
int proc_read_comm(const struct proc_stat *stat, int dir_fd, const char *name, char **ret, size_t *ret_len);

/* The target of a symbolic link below a directory. */
int proc_read_link(int dir_fd, const char *name, char **ret, size_t *ret_len);
