/* SPDX-License-Identifier: MIT */
/*
 * Shows a process again and again, until it ends, or it was often enough, or somebody has seen enough.
 */
#pragma once

#include "commands/show.h"

/* The one target of the command line; as show_all(). */
void show_watch(struct run *run, uint64_t uid);
