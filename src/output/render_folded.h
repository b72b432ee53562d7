/* SPDX-License-Identifier: MIT */
/*
 * Memory as "folded stacks", which flamegraph.pl, inferno and speedscope turn into flame graphs.
 */
#pragma once

#include "analysis/memory_tree.h"
#include "base/out.h"

/*
 * Writes lines "kind;name;section bytes" that count each byte of the tree once. Characters that would end a
 * name for these tools, or disturb a terminal, are written as \xNN.
 */
void render_folded(struct out *out, const struct memory_tree *tree);
