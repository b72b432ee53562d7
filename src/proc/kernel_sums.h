/* SPDX-License-Identifier: MIT */
/*
 * The kernel's own sums over a process.
 */
#pragma once

#include "proc/process.h"
#include "source/source.h"

/* See facts->hides_swap. */
bool proc_hides_swap(const struct proc *proc, const struct facts *facts);

/*
 * In bytes; UNKNOWN if the kernel gives none. `wants_resident`: also reads smaps_rollup, for which
 * the kernel walks all page tables.
 */
struct kernel_sums proc_read_sums(struct proc *proc, bool wants_resident);
