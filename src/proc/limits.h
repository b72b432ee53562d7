/* SPDX-License-Identifier: MIT */
/*
 * What a process costs the kernel beyond its mappings, and the limits that it may come up
 * against. Read only for those who look at them.
 */
#pragma once

#include "model/facts.h"
#include "proc/process.h"

/* After read_process(). What cannot be read stays unknown. */
void read_limits(struct proc *proc, struct facts *facts);
