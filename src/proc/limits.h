/* SPDX-License-Identifier: MIT */
/*
 * What a process costs the kernel beyond its mappings, and the limits that it may run into. Read
 * only if they are asked for.
 */
#pragma once

#include "model/facts.h"
#include "proc/process.h"

/* Call this after read_process(). What cannot be read stays unknown. */
void read_limits(struct proc *proc, struct facts *facts);
