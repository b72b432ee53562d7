/* SPDX-License-Identifier: MIT */
/*
 * Memory as "folded stacks", which flamegraph.pl, inferno and speedscope make flame graphs of.
 */
#pragma once

#include "analysis/memory_tree.h"
#include "base/out.h"

/*
 * Writes a line "kind;name;section bytes" for all that the tree has, each byte once. In a name, what would end it for
 * these tools or disturb a terminal is written as \xNN.
 */
void render_folded(struct out *out, const struct memory_tree *tree);
