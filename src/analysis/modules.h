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

#include "model/facts.h"
#include "model/judgement.h"
#include "model/notes.h"

/* Fills modules from mappings, objects and their images. */
void find_modules(const struct facts *facts, struct judgement *judgement);

/* Says so where an ELF file has code in memory, and no module. */
void note_lost_modules(const struct facts *facts, const struct judgement *judgement, struct notes *notes);

/* The module that is known to be there: an object with an image, at that bias. */
void add_module(const struct facts *facts, struct judgement *judgement, uint32_t object, uint64_t bias);

/* The pages of a segment in its module's place: from its first page to its last, rounded out. */
uint64_t segment_start(const struct facts *facts, const struct module *module, const struct segment *segment);
uint64_t segment_end(const struct facts *facts, const struct module *module, const struct segment *segment);

/* Whether a mapping has, at `addr`, the very page of the file that a segment has there. */
bool is_file_page_of(const struct facts *facts, const struct module *module, const struct segment *segment,
		     const struct mapping *m, uint64_t addr);

/* Whether anonymous memory in the place of a segment's contents may be a copy of them. */
bool may_be_copy_of(const struct mapping *m, const struct segment *segment);

/* Whether anything in a segment's place is, or may be, its contents. */
bool has_segment(const struct facts *facts, const struct module *module, const struct segment *segment);
