/* SPDX-License-Identifier: MIT */
/*
 * ELF headers of many modules at once, out of the process's memory: where the page that they lie in is
 * still the file's own, they are the file's, and to open and to verify the file would take five times as
 * long. The kernel is asked afterwards whether that file is still mapped there.
 */
#pragma once

#include "model/facts.h"
#include "proc/process.h"

/* For fewer files it does not pay to look at the page map. */
#define READ_HEADERS_MIN 8

/*
 * Fills in the images, without build-ids, of those of the `n` objects `which` (indices of facts->objects)
 * whose headers are in memory; leaves the others as they are. Needs permission to read the memory.
 */
void read_headers(struct proc *proc, struct facts *facts, const uint32_t *which, size_t n);
