/* SPDX-License-Identifier: MIT */
/*
 * All other processes below a proc root, and what they have in common with the target. A few
 * threads read their maps in parallel, and keep only what each process shares with the target.
 */
#pragma once

#include "proc/process.h"
#include "source/source.h"

/* See source_read_others(). */
int proc_read_others(struct proc *proc, const struct facts *facts, const struct private_page *pages,
		     size_t n_pages, other_fn *take, void *context, struct notes *notes);

/* See source_may_write(). */
enum answer proc_may_write(const struct proc *proc, const struct mapping *m);
