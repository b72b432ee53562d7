/* SPDX-License-Identifier: MIT */
/*
 * Stops all threads of a process for a moment, by ptrace(2). They go on by themselves should memmap end
 * meanwhile.
 */
#pragma once

#include <stdint.h>

#include "proc/process.h"
#include "source/source.h"

/*
 * As source_hold_process(). A thread of our own stops them, which has ended on return, and lets them go on after a
 * minute whatever `act` does: -ETIMEDOUT, then, since what it has read is not of one moment.
 */
int proc_hold_process(struct proc *proc, hold_fn *act, void *context, struct error *err);

/* As source_release_process(). */
void proc_release_process(struct proc *proc);

/* Of a thread of a process that is held, in `act`. As source_read_register_words(). */
ssize_t proc_read_register_words(const struct proc *proc, int32_t tid, void *buf, size_t len);
