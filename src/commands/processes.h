/* SPDX-License-Identifier: MIT */
/*
 * Many processes in one table. Several threads read them, and only one row of each is kept. A
 * process that does not answer is given up after a moment, and delays no other.
 */
#pragma once

#include "commands/show.h"

/* Shows the view that the options select, for the processes that they select. */
void show_processes(struct run *run);
