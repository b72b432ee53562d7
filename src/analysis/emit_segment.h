/* SPDX-License-Identifier: MIT */
/*
 * What the bytes of a segment are: its program headers decide, and sections where they leave a question.
 */
#pragma once

#include "analysis/emit_regions.h"

/* [from, to) of a mapping, which are pages of the segment. */
void emit_segment(struct classifier *c, const struct mapping *m, const struct span *span, uint64_t from,
		  uint64_t to);
