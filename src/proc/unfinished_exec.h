/* SPDX-License-Identifier: MIT */
/*
 * Detects a process that is stuck in execve(2). The kernel replaces the memory first, and then
 * closes files (O_CLOEXEC); a file system's server can hold that up for as long as it likes.
 * Meanwhile whoever opens or reads maps, stat, auxv or the exe link of the process waits
 * (exec_update_lock), and no signal but a fatal one ends that.
 */
#pragma once

#include "base/error.h"

/*
 * Waits until the files of process `pid` below the proc root can be read. `run_ms_left`: as in
 * struct patience. 0, also if there is no such process; -ETIMEDOUT: it took too long; or another
 * negative errno.
 */
int await_exec(const char *root, int pid, int *run_ms_left, struct error *err);
