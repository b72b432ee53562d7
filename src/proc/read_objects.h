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
 * `needs`: NEED_* bits. NEED_FILE_STATE, NEED_SECTIONS and NEED_BUILD_ID ask for more about each file.
 * Adds notes about what is not available.
 */
void read_objects(struct proc *proc, struct facts *facts, unsigned needs);

/* The same without opening any file: goes by the objects' names, and by how they are mapped. */
void name_objects(struct facts *facts);
