/* SPDX-License-Identifier: MIT */
/*
 * A process among others: a few small files, and its memory in one reading.
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "model/process_row.h"

/*
 * Fills *row, which the caller ends with process_row_done() in any case; its sums stay unknown where the kernel
 * has none. Of a process that may not be read, it has what everybody may know, as its cgroup. 0; -ESRCH or
 * -ENODATA: it has ended or has no memory; -EACCES: it may not be read; or another negative errno.
 */
int proc_read_row(const char *root, int pid, bool wants_cgroup, struct process_row *row, struct error *err);
