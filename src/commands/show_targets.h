/* SPDX-License-Identifier: MIT */
/*
 * Shows one target after the other.
 */
#pragma once

#include "commands/show.h"

/* Shows all targets that the options name, or all processes. */
void show_targets(struct run *run);
