/* SPDX-License-Identifier: MIT */
/*
 * The kernel's own sums over a process.
 */
#pragma once

#include "proc/process.h"
#include "source/source.h"

/* As facts->hides_swap. */
bool proc_hides_swap(const struct proc *proc, const struct facts *facts);

/*
 * In bytes; UNKNOWN where there is none. `wants_resident`: from smaps_rollup, for which the kernel walks all
 * page tables.
 */
struct kernel_sums proc_read_sums(struct proc *proc, bool wants_resident);
