/* SPDX-License-Identifier: MIT */
/*
 * Many processes in one table: each is read for itself, by several threads, and only what it comes to is kept. One
 * that does not answer is given up after a moment, and delays no other.
 */
#pragma once

#include "commands/show.h"

/* Shows the view of the options, of user `uid` or ANY_USER. */
void show_processes(struct run *run, uint64_t uid);
