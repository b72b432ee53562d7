/* SPDX-License-Identifier: MIT */
/*
 * All other processes below a proc root, and what they have in common with one. Their maps are read by a few
 * threads at once, and only what they share with the target is kept of each.
 */
#pragma once

#include "proc/process.h"
#include "source/source.h"

/* As source_read_others(). */
int proc_read_others(struct proc *proc, const struct facts *facts, const struct private_page *pages,
		     size_t n_pages, other_fn *take, void *context, struct notes *notes);

/* As source_may_write(). */
enum answer proc_may_write(const struct proc *proc, const struct mapping *m);
