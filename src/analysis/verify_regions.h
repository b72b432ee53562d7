/* SPDX-License-Identifier: MIT */
/*
 * What must hold of every address space that has been judged and measured, whatever it was made of: its
 * owner may have made it to deceive.
 */
#pragma once

#include "base/error.h"
#include "model/space.h"

/*
 * Whether the regions are sorted and disjoint, cover every mapping exactly, and have counters that add up to
 * the mapping's. 0; or -EBADMSG: it is a bug of memmap's, and nothing of this may be shown.
 */
int check_regions(const struct space *space, struct error *err);
