/* SPDX-License-Identifier: MIT */
/* Mappings that malloc has made for a single block, known by what they begin with; the heap itself need not be read. */
#pragma once

#include "model/facts.h"
#include "source/source.h"

/* Finds which mappings begin with a block, as far as that is in memory: sets begins_with_block of each. */
void find_large_blocks(struct source *source, struct facts *facts);
