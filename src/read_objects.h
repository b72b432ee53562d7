/* SPDX-License-Identifier: MIT */
/*
 * Looks at what is mapped: which objects are files, devices or the kernel's own, and the ELF
 * headers of those that may be modules. Fills in the objects of an address space whose
 * mappings have been read.
 */
#pragma once

#include <stdbool.h>

#include "addrspace.h"
#include "proc.h"

/* `want_state`: also find out what has become of each file. Leaves a note for what is not to be had. */
void read_objects(struct proc *proc, struct addrspace *as, bool want_state);
