/* SPDX-License-Identifier: MIT */
/*
 * What a process costs the kernel beyond its mappings, and the limits that it may come up
 * against. Read only for those who look at them.
 */
#pragma once

#include "model/space.h"
#include "proc/process.h"

/* After read_process(). What is not to be had stays unknown. */
void read_limits(struct proc *proc, struct facts *facts);

/*
 * Compares sums over all mappings with what the kernel says of the process as a whole, and
 * remarks on a difference: the process has changed while it was read. `is_smaps`: also what
 * is resident; a second reading of the page tables is too dear for who has not asked for a first.
 */
void read_totals(struct proc *proc, const struct space *space, bool is_smaps, struct notes *notes);
