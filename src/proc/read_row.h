/* SPDX-License-Identifier: MIT */
/*
 * One process in a list of many: a few small files, and all of its memory in one read.
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "model/process_row.h"

/*
 * Fills *row, which the caller ends with process_row_done() in any case; its sums stay unknown if
 * the kernel has none. If the process may not be read, the row has what is public, such as the
 * cgroup. 0; -ESRCH or -ENODATA: the process has ended or has no memory; -EACCES: it may not be
 * read; or another negative errno.
 */
int proc_read_row(const char *root, int pid, bool wants_cgroup, struct process_row *row, struct error *err);
