/* SPDX-License-Identifier: MIT */
/*
 * Which other processes map the regions of a process, and which of its private pages it still
 * shares since a fork(2).
 */
#pragma once

#include "model/space.h"
#include "source/source.h"

/* Fills answers->sharing. `space` has its facts and judgement. */
void read_sharing(struct source *source, const struct space *space, struct answers *answers);
