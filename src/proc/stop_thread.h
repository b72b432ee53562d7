/* SPDX-License-Identifier: MIT */
/*
 * Stops one thread of a process for a moment, with ptrace(2); stop_process.h stops all of them.
 * Nothing else in memmap interferes with a process. If memmap ends meanwhile, the thread goes on.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "elf/registers.h"
#include "proc/process.h"
#include "source/source.h"

/*
 * See source_hold_thread(). A separate thread of ours stops it, and has ended on return. It lets
 * the thread go on after ten seconds, whatever `act` does: then the result is -ETIMEDOUT, since
 * what `act` read is not of one moment.
 */
int proc_hold_thread(struct proc *proc, int32_t tid, hold_fn *act, void *context, struct error *err);

/* Whether the held thread has gone on too early: anything read from now on is useless. */
bool proc_went_on(const struct proc *proc);

/* For the held thread; only inside `act`. See source_read_registers(). */
int proc_read_registers(const struct proc *proc, unsigned machine, struct registers *ret);
