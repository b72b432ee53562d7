/* SPDX-License-Identifier: MIT */
/*
 * Where the segments of a module belong in memory, and what is mapped there.
 */
#pragma once

#include <stdbool.h>

#include "model/facts.h"
#include "model/judgement.h"

/* Where the pages of a segment begin and end in memory, rounded outwards. */
uint64_t segment_start(const struct facts *facts, const struct module *module, const struct segment *segment);
uint64_t segment_end(const struct facts *facts, const struct module *module, const struct segment *segment);

/* Where the pages of the segment's part of the file end. */
uint64_t segment_file_end(const struct facts *facts, const struct module *module,
			  const struct segment *segment);

/* Whether a mapping has, at `addr`, the page of the file that a segment has there. */
bool is_file_page_of(const struct facts *facts, const struct module *module, const struct segment *segment,
		     const struct mapping *m, uint64_t addr);

/* Whether anonymous memory where a segment belongs may be a copy of its contents. */
bool may_be_copy_of(const struct mapping *m, const struct segment *segment);

/* Whether anything in a segment's place is, or may be, its contents. */
bool has_segment(const struct facts *facts, const struct module *module, const struct segment *segment);
