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
 * Into facts that facts_init() has made. `wants_smaps`: smaps is read, and it alone, with the counters
 * that facts->usage has slots for: mappings and counters are then of one moment. Where smaps is not available, the
 * map comes without counters and with a note. 0; -EACCES or -EPERM, with the reason; -ESTALE: the process is half
 * way through execve(), or just ending, and may be tried again; or another negative errno.
 */
int read_process(struct proc *proc, struct facts *facts, bool wants_smaps, struct error *err);

/* Only the mappings, and what the lines show of their objects. Errors as above. */
int read_mappings(struct proc *proc, struct facts *facts, struct error *err);

/*
 * Whether a map that is read now has other private mappings of files than `facts`: those are what a loader makes, while
 * other memory comes and goes all the time. False where it cannot be read.
 */
bool loaded_files_changed(struct proc *proc, const struct facts *facts);
