/* SPDX-License-Identifier: MIT */
/*
 * A process's memory and page map. For return values, see the operations of the same names in
 * source/source.h.
 */
#pragma once

#include "proc/process.h"
#include "source/source.h"

ssize_t proc_read_memory(struct proc *proc, uint64_t addr, void *buf, size_t len);
ssize_t proc_touch_memory(struct proc *proc, uint64_t addr, void *buf, size_t len);
size_t proc_read_parts(struct proc *proc, const struct memory_part *parts, size_t n);
void proc_find_present(struct proc *proc, const uint64_t *addrs, size_t n, bool *ret);
int proc_walk_pages(struct proc *proc, const struct page_range *ranges, size_t n, bool is_whole_map,
		    page_walk_fn *take, void *context);
ssize_t proc_read_page_words(struct proc *proc, uint64_t addr, uint64_t *words, size_t n);
int proc_read_frame_flags(struct proc *proc, uint64_t frame, uint64_t *ret);

/*
 * Whether the page at an address in a mapped file is in memory and still the file's own: once a
 * process writes to a page of a private mapping, the page becomes a copy.
 */
bool proc_is_file_page(struct proc *proc, uint64_t addr);
