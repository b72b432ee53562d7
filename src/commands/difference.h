/* SPDX-License-Identifier: MIT */
/*
 * Shows what two targets are together: what differs between them.
 */
#pragma once

#include "commands/show.h"

/* Those of the command line, of which there are two; as show_all(). */
void show_difference(struct run *run, uint64_t uid);
