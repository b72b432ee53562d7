/* SPDX-License-Identifier: MIT */
/*
 * The judgement that memmap exists for: what each byte of each mapping is.
 *
 * Modules come first: inside the pages of a segment its program headers decide, to the byte,
 * whatever the mapping there is called. The rest of a mapping is judged by what it maps, by
 * the name that the kernel gives it, by its neighbours and by its access rights.
 */
#pragma once

#include "model/addrspace.h"

/*
 * Fills regions from all the rest; find_modules() has been called. Regions are sorted, never
 * overlap, and cover every mapping exactly.
 */
void classify(struct addrspace *as);
