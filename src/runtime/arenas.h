/* SPDX-License-Identifier: MIT */
/*
 * The heaps of glibc's malloc arenas, by the header that each of them begins with (struct
 * _heap_info in glibc's malloc/arena.c). Needs leave to read the memory.
 */
#pragma once

#include <stdbool.h>

#include "model/addrspace.h"
#include "proc/process.h"

/* Fills as->heaps, after read_threads(). `want_users`: also with who uses which arena. */
void read_heaps(struct proc *proc, struct addrspace *as, bool want_users);
