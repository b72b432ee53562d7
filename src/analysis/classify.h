/* SPDX-License-Identifier: MIT */
/*
 * The judgement that memmap exists for: what each byte of each mapping is.
 *
 * Modules come first: inside the pages of a segment, the program headers decide, to the byte,
 * whatever the mapping is called. The rest of a mapping is judged by what it maps, by the name that
 * the kernel gives it, by its neighbours and by its access rights.
 */
#pragma once

#include <stdbool.h>

#include "model/facts.h"
#include "model/judgement.h"
#include "model/notes.h"

/*
 * Fills the regions and the sizes of modules; find_modules() and find_anon_uses() must have been
 * called. Regions are sorted, never overlap, and cover every mapping exactly. `cuts`: regions also
 * end where sections do.
 */
void classify(const struct facts *facts, bool cuts, struct judgement *judgement);

/* Adds a note if not all sections were looked at that may divide segments. */
void note_unsought_sections(const struct judgement *judgement, struct notes *notes);
