/* SPDX-License-Identifier: MIT */
#pragma once

#include "model/facts.h"

#define LOADED_PAGE 4096

/*
 * Maps an image as a loader would, with `base` added to its addresses. Pages below the end of the last
 * mapping so far are left out.
 */
void load_image(struct facts *facts, const struct image *image, uint32_t object, uint64_t base);
