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
 * Reads the facts, judges them, and reads the answers to what the request asks. *space is made, and
 * ends with space_done() when this returns 0; what could not be read is a note in it. Otherwise a
 * negative errno; -ESTALE: the process executes another program, and may be tried again.
 */
int inspect(struct source *source, const struct request *request, struct space *space, struct error *err);
