/* SPDX-License-Identifier: MIT */
/*
 * Stops one thread of a process for a moment, by ptrace(2); stop_process.h stops all of them. Nothing else
 * in memmap interferes with a process. The thread goes on by itself should memmap end meanwhile.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "elf/registers.h"
#include "proc/process.h"
#include "source/source.h"

/*
 * As source_hold_thread(). The thread is stopped by a thread of our own, which has ended on return, and lets it go
 * on after ten seconds whatever `act` does: -ETIMEDOUT, then, since what it has read is not of one moment.
 */
int proc_hold_thread(struct proc *proc, int32_t tid, hold_fn *act, void *context, struct error *err);

/* Whether a thread that was held has gone on too early: what is read from now on is of no use. */
bool proc_went_on(const struct proc *proc);

/* Of a thread that is held, in `act`. As source_read_registers(). */
int proc_read_registers(const struct proc *proc, unsigned machine, struct registers *ret);
