/* SPDX-License-Identifier: MIT */
/*
 * Reads the ELF headers of many modules at once, from the process's memory. As long as their page
 * is still the file's own, they are the file's headers, and opening and verifying the file would
 * take five times as long. Afterwards, the kernel is asked whether that file is still mapped there.
 */
#pragma once

#include "model/facts.h"
#include "proc/process.h"

/* With fewer files, looking at the page map does not pay off. */
#define READ_HEADERS_MIN 8

/*
 * Fills in the images, without build-ids, of those objects whose headers are in memory, and leaves
 * the others as they are. `which`: `n` indices of facts->objects. Needs permission to read the
 * memory.
 */
void read_headers(struct proc *proc, struct facts *facts, const uint32_t *which, size_t n);
