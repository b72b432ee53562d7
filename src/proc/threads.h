/* SPDX-License-Identifier: MIT */
/*
 * The threads of a process, and what they are doing.
 */
#pragma once

#include <stdbool.h>

#include "model/facts.h"
#include "proc/process.h"

/*
 * Fills facts->threads. Call this before the map is read: the map may lack the stack of a thread
 * that starts later. `in_detail`: also reads names, states and stack pointers, which takes three
 * files per thread.
 */
void read_threads(struct proc *proc, struct facts *facts, bool in_detail);

/*
 * An address inside the control block of a thread, from get_robust_list(2); UNKNOWN if there is
 * none. `tid` is a number of our own PID namespace.
 */
uint64_t proc_find_control(struct proc *proc, int32_t tid);

/* The stack pointer of a thread of the process; UNKNOWN while it runs, or if it may not be read. */
uint64_t proc_find_sp(struct proc *proc, int32_t tid);

/* Whether the process shares its memory with its parent, which created it by clone(2) or vfork(2). */
bool proc_shares_memory(struct proc *proc);

/*
 * 0: two processes, by their PIDs in our own namespace, have the same memory; positive: they do
 * not; or a negative errno.
 */
int compare_memory(int a, int b);
