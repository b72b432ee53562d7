/* SPDX-License-Identifier: MIT */
/*
 * Shows what differs between two targets.
 */
#pragma once

#include "commands/show.h"

/* Compares the two targets of the command line. Otherwise like show_all(). */
void show_difference(struct run *run);
