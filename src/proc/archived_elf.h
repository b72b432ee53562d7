/* SPDX-License-Identifier: MIT */
/*
 * ELF files inside of other files: libraries in an archive, which a loader (that of Android) maps from where
 * they lie in it.
 */
#pragma once

#include "model/facts.h"
#include "proc/process.h"

/*
 * Looks for them where code of a file is mapped that is no ELF file itself. Each becomes an object, whose image has
 * its offsets in the whole file. `needs` as with read_objects().
 */
void find_archived(struct proc *proc, struct facts *facts, unsigned needs);
