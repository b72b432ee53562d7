/* SPDX-License-Identifier: MIT */
/*
 * Reads a live process, or a recorded /proc tree, into the facts of an address space:
 * process, mappings and objects. What is not readable stays unknown; only the map itself must
 * be had.
 */
#pragma once

#include "base/error.h"
#include "model/addrspace.h"
#include "proc/process.h"

/*
 * Into an address space that addrspace_init() has made; `as->usage` says which figures are
 * wanted. Where it has slots, smaps is read, and it alone: mappings and figures are then of
 * one moment. Where smaps is not to be had, the map comes without figures and with a note.
 * 0; -EACCES or -EPERM, with the reason; -ESTALE: the process is half way through execve(), or
 * just ending, and may be tried again; or another negative errno.
 */
int read_process(struct proc *proc, struct addrspace *as, struct error *err);
