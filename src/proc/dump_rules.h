/* SPDX-License-Identifier: MIT */
/*
 * What decides, beside smaps, which memory a core file would have: the process's filter (core(5)), and of its mapped
 * files whether they still have a name and look like ELF files.
 */
#pragma once

#include "model/facts.h"
#include "proc/process.h"

/* After read_objects(). Where a file cannot be looked at, its name and its headers in memory count. */
void read_dump_rules(struct proc *proc, struct facts *facts);
