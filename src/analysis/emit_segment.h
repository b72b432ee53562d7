/* SPDX-License-Identifier: MIT */
/*
 * What the bytes of a segment are: its program header decides, and sections decide what that leaves
 * open.
 */
#pragma once

#include "analysis/emit_regions.h"

/* Emits [from, to) of a mapping: pages of the segment. */
void emit_segment(struct classifier *c, const struct mapping *m, const struct span *span, uint64_t from,
		  uint64_t to);
