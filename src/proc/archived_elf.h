/* SPDX-License-Identifier: MIT */
/*
 * ELF files inside other files: libraries that a loader (Android's) maps straight out of an
 * archive.
 */
#pragma once

#include "elf/image_budget.h"
#include "model/facts.h"
#include "proc/process.h"

/*
 * Looks for ELF files in files that have code mapped but are not ELF files themselves. Each one
 * found becomes an object, whose image has offsets in the whole file. `needs`: as for
 * read_objects(). If `budget` is exceeded, the archive's headers become unreadable.
 */
void find_archived(struct proc *proc, struct facts *facts, unsigned needs, struct image_budget *budget);
