/* SPDX-License-Identifier: MIT */
/*
 * Checks what must hold for every address space that was judged and measured, whatever its source:
 * its owner may have built it to deceive.
 */
#pragma once

#include "base/error.h"
#include "model/space.h"

/*
 * Checks that the regions are sorted and disjoint, cover every mapping exactly, and have counters
 * that add up to the mapping's. 0, or -EBADMSG: this is a bug in memmap, and none of it may be
 * shown.
 */
int check_regions(const struct space *space, struct error *err);
