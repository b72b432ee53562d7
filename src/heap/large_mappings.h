/* SPDX-License-Identifier: MIT */
/*
 * Mappings that malloc made for a single block, recognised by how they begin, without reading the
 * heap itself.
 */
#pragma once

#include "model/facts.h"
#include "source/source.h"

/* Sets begins_with_block of each mapping that begins with a block, if its first page is in memory. */
void find_large_blocks(struct source *source, struct facts *facts);
