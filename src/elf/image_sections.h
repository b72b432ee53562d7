/* SPDX-License-Identifier: MIT */
/*
 * Section headers (elf(5)), for when the segments of a struct image do not say what is code and
 * what is not.
 */
#pragma once

#include <gelf.h>
#include <stdbool.h>

#include "elf/image_budget.h"
#include "model/image.h"

/*
 * Whether constants are known to be apart from code: linkers put the table of unwind information
 * with the constants. A second code segment may come from a tool that has put everything into it.
 */
bool image_has_code_apart(const struct image *image);

/* Whether any segment may hold more than its access rights say. */
bool image_has_question(const struct image *image);

/*
 * Section headers may be missing or nonsense: they refine an image and never make it fail. 0; -ENOBUFS: the names
 * are too long for the budget.
 */
int image_read_sections(Elf *elf, bool want_all, struct image_budget *budget, struct image *image);
