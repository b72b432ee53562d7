/* SPDX-License-Identifier: MIT */
/*
 * The figures of regions, once these are known: what smaps said of whole mappings is divided
 * by counting pages, and resident and swapped memory alone is counted without smaps.
 */
#pragma once

#include "model/addrspace.h"
#include "proc/process.h"

/* Divides what read_process() has read. Nothing to do where it has read no figures. */
void measure_divided(struct proc *proc, struct addrspace *as);

/*
 * Counts FIGURE_RSS and FIGURE_SWAP of every region. 0, or a negative errno where the page map
 * cannot be scanned: smaps has them too.
 */
int measure_resident(struct proc *proc, struct addrspace *as);
