/* SPDX-License-Identifier: MIT */
/*
 * Looks at what is mapped: which objects are files, devices or the kernel's own, and the ELF
 * headers of those that may be modules. Fills in the objects of an address space whose
 * mappings have been read.
 */
#pragma once

#include "model/facts.h"
#include "model/request.h"
#include "proc/process.h"

/*
 * `needs`: of NEED_FILE_STATE, NEED_SECTIONS, NEED_BUILD_ID and NEED_VDSO, what is wanted as well. Leaves
 * a note for what is not available.
 */
void read_objects(struct proc *proc, struct facts *facts, unsigned needs);

/* The same without any file: what the names of objects, and how they are mapped, show of them. */
void name_objects(struct facts *facts);
