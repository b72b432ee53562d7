/* SPDX-License-Identifier: MIT */
/*
 * What parts of anonymous memory are used for: thread stacks, their guards, heaps of malloc arenas.
 * Known from the metadata of threads and malloc; without metadata, inferred from shapes, and only
 * from shapes that nothing else has.
 */
#pragma once

#include "model/facts.h"
#include "model/judgement.h"

/* Fills judgement->anon_uses; find_modules() must have been called. */
void find_anon_uses(const struct facts *facts, struct judgement *judgement);
