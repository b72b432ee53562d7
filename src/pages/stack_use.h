/* SPDX-License-Identifier: MIT */
/*
 * How far down each stack has been touched, if no stack pointer shows how much of it is in use.
 */
#pragma once

#include "model/space.h"
#include "source/source.h"

/* Fills answers->lowest, with an item for each thread. */
void read_stack_use(struct source *source, const struct space *space, struct answers *answers);
