/* SPDX-License-Identifier: MIT */
/*
 * Finds the modules: where in the address space which ELF image is loaded.
 *
 * A loader maps an image's segments at their addresses plus one number, the bias. So a module
 * is a bias for which segments have pages of that file at the right place. All of them, with
 * fitting access; or some, as the rest may have been mapped from elsewhere, copied, or made
 * accessible otherwise since. That tells two copies of one library apart, and leaves out an ELF
 * file that is mapped as data and a piece of a program that is mapped a second time.
 */
#pragma once

#include <stdbool.h>

#include "model/facts.h"
#include "model/judgement.h"
#include "model/notes.h"

/* Fills modules from mappings, objects and their images. */
void find_modules(const struct facts *facts, struct judgement *judgement);

/* Whether a module is of it, by object. The caller frees the array. */
bool *find_module_objects(const struct facts *facts, const struct judgement *judgement);

/* Says so where an ELF file has code in memory, and no module. */
void note_lost_modules(const struct facts *facts, const struct judgement *judgement, struct notes *notes);

/* The module that is known to be there: an object with an image, at that bias. */
void add_module(const struct facts *facts, struct judgement *judgement, uint32_t object, uint64_t bias);
