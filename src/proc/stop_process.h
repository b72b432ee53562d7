/* SPDX-License-Identifier: MIT */
/*
 * Stops all threads of a process for a moment, with ptrace(2). If memmap ends meanwhile, they go
 * on.
 */
#pragma once

#include <stdint.h>

#include "proc/process.h"
#include "source/source.h"

/*
 * See source_hold_process(). A separate thread of ours stops them, and has ended on return. It lets
 * them go on after a minute, whatever `act` does: then the result is -ETIMEDOUT, since what `act`
 * read is not of one moment.
 */
int proc_hold_process(struct proc *proc, hold_fn *act, void *context, struct error *err);

/* See source_release_process(). */
void proc_release_process(struct proc *proc);

/* For a thread of a held process; only inside `act`. See source_read_register_words(). */
ssize_t proc_read_register_words(const struct proc *proc, int32_t tid, void *buf, size_t len);
