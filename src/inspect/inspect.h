/* SPDX-License-Identifier: MIT */
/*
 * The pipeline: from a source and a request to an address space. Every view of every kind of target goes
 * through it.
 */
#pragma once

#include "base/error.h"
#include "model/request.h"
#include "model/space.h"
#include "source/source.h"

/*
 * Reads the facts, judges them, and reads the answers to the request. On 0, *space is made, with
 * notes on what could not be read, and the caller ends it with space_done(). Otherwise a negative
 * errno; -ESTALE: the process executes another program, and may be tried again.
 */
int inspect(struct source *source, const struct request *request, struct space *space, struct error *err);
