/* SPDX-License-Identifier: MIT */
/*
 * Turns program headers (elf(5)) into the segments of a struct image.
 */
#pragma once

#include <gelf.h>
#include <stdbool.h>

#include "elf/image_budget.h"
#include "model/image.h"

/* *ret_complete: false if some of what is wanted lies outside the bytes that `elf` was given. */
int image_read_segments(Elf *elf, bool want_build_id, struct image_budget *budget, struct image *image,
			bool *ret_complete);
