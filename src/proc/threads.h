/* SPDX-License-Identifier: MIT */
/*
 * The threads of a process: who they are and what they are at.
 */
#pragma once

#include <stdbool.h>

#include "model/facts.h"
#include "proc/process.h"

/*
 * Fills facts->threads, before the map is read: a thread that comes later has a stack that the map
 * may lack. `in_detail`: also names, states and stack pointers, which cost three files a thread.
 */
void read_threads(struct proc *proc, struct facts *facts, bool in_detail);

/*
 * How far down each stack has been touched, where no stack pointer is to be had; after
 * read_stacks().
 */
void read_stack_use(struct proc *proc, struct facts *facts);
