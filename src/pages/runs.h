/* SPDX-License-Identifier: MIT */
/*
 * The pages of some regions in detail: which are in memory, swapped or untouched, shared,
 * dirty, huge. A page belongs to the region that holds its first byte.
 */
#pragma once

#include "base/error.h"
#include "model/addrspace.h"
#include "proc/process.h"

/*
 * Fills as->page_runs with the runs of `n` regions, given by ascending index. 0 or a negative
 * errno, with the reason.
 */
int read_page_runs(struct proc *proc, struct addrspace *as, const uint32_t *regions, size_t n,
		   struct error *err);

/* The same of the one page that holds an address; nothing is added to as->page_runs. */
int read_page(struct proc *proc, struct addrspace *as, uint32_t region, uint64_t addr, struct page_run *ret);
