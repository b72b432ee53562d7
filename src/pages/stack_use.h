/* SPDX-License-Identifier: MIT */
/*
 * How far down each stack has been touched, where no stack pointer shows how far it is in use.
 */
#pragma once

#include "model/space.h"
#include "source/source.h"

/* Fills answers->lowest, with an item for each thread. */
void read_stack_use(struct source *source, const struct space *space, struct answers *answers);
