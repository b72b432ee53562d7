/* SPDX-License-Identifier: MIT */
/*
 * The threads of a process: who they are and what they are at.
 */
#pragma once

#include <stdbool.h>

#include "model/facts.h"
#include "proc/process.h"

/*
 * Fills facts->threads, before the map is read: a thread that comes later has a stack that the map
 * may lack. `in_detail`: also names, states and stack pointers, which cost three files a thread.
 */
void read_threads(struct proc *proc, struct facts *facts, bool in_detail);

/*
 * An address inside the control block of a thread, from get_robust_list(2); UNKNOWN where there
 * is none. The number is one of our own PID namespace.
 */
uint64_t proc_find_control(struct proc *proc, int32_t tid);

/* The stack pointer of a thread of the process; UNKNOWN while it runs, and where it may not be read. */
uint64_t proc_find_sp(struct proc *proc, int32_t tid);

/* Whether the process shares its memory with its parent, which made it by clone(2) or vfork(2). */
bool proc_shares_memory(struct proc *proc);

/*
 * 0: two processes, by numbers of our own PID namespace, have the same memory; more: they have not; or a
 * negative errno.
 */
int compare_memory(int a, int b);
