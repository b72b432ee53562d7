/* SPDX-License-Identifier: MIT */
/*
 * What decides, besides smaps, which memory a core file would contain: the process's filter
 * (core(5)), and whether its mapped files still have a name and look like ELF files.
 */
#pragma once

#include "model/facts.h"
#include "proc/process.h"

/* Call this after read_objects(). If a file cannot be examined, its name and its headers in memory decide. */
void read_dump_rules(struct proc *proc, struct facts *facts);
