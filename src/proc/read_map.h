/* SPDX-License-Identifier: MIT */
/*
 * Reads a live process, or a recorded /proc tree, into the facts of an address space:
 * process, mappings and objects. What is not readable stays unknown; only the map itself must be
 * readable.
 */
#pragma once

#include "base/error.h"
#include "model/facts.h"
#include "proc/process.h"

/*
 * Fills facts that facts_init() has set up. `wants_smaps`: reads smaps alone, with the counters
 * that facts->usage has slots for, so that mappings and counters are of one moment. If smaps is not
 * available, the map has no counters, and a note says so. A map that grows without end while it is
 * read is cut, with a note. 0; -EACCES or -EPERM, with the reason; -ESTALE: the process is halfway
 * through execve(), or just ending, and may be tried again; or another negative errno.
 */
int read_process(struct proc *proc, struct facts *facts, bool wants_smaps, struct error *err);

/* Reads only the mappings, and what their lines show of the objects. Errors as above. */
int read_mappings(struct proc *proc, struct facts *facts, struct error *err);

/*
 * Whether the private mappings of files have changed since `facts` was read: a loader makes those,
 * while other memory comes and goes all the time. False if the map cannot be read.
 */
bool loaded_files_changed(struct proc *proc, const struct facts *facts);
