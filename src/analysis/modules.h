/* SPDX-License-Identifier: MIT */
/*
 * Finds the modules: which ELF images are loaded, and where.
 *
 * A loader maps an image's segments at their addresses plus one number, the bias. So a module is a
 * bias at which segments have pages of that file in the right place: all segments, with matching
 * access, or only some, since the rest may have been mapped from elsewhere, copied, or given other
 * access since. That tells two copies of one library apart, and leaves out an ELF file that is
 * mapped as data and a piece of a program that is mapped a second time.
 */
#pragma once

#include <stdbool.h>

#include "model/facts.h"
#include "model/judgement.h"
#include "model/notes.h"

/* Fills modules from mappings, objects and their images. */
void find_modules(const struct facts *facts, struct judgement *judgement);

/* By object, whether it has a module. The caller frees the array. */
bool *find_module_objects(const struct facts *facts, const struct judgement *judgement);

/* Adds a note if an ELF file has code in memory, but no module, or if not all modules were looked for. */
void note_lost_modules(const struct facts *facts, const struct judgement *judgement, struct notes *notes);

/* Adds a module that is known to be there: of an object with an image, at that bias. */
void add_module(const struct facts *facts, struct judgement *judgement, uint32_t object, uint64_t bias);
