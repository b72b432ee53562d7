/* SPDX-License-Identifier: MIT */
/*
 * Shows a process again and again, until it ends, all rounds are done, or the user stops it.
 */
#pragma once

#include "commands/show.h"

/* Watches the one target of the command line. Otherwise like show_all(). */
void show_watch(struct run *run);
