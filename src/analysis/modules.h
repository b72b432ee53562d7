/* SPDX-License-Identifier: MIT */
/*
 * Finds the modules: where in the address space which ELF image is loaded.
 *
 * A loader maps an image's segments at their addresses plus one number, the bias. So a module
 * is a bias for which every segment has pages of that file at the right place with fitting
 * access. That tells two copies of one library apart, and leaves out an ELF file that is
 * mapped as data and a piece of a program that is mapped a second time.
 */
#pragma once

#include "model/facts.h"
#include "model/judgement.h"

/* Fills modules from mappings, objects and their images. */
void find_modules(const struct facts *facts, struct judgement *judgement);

/* The module that is known to be there: an object with an image, at that bias. */
void add_module(const struct facts *facts, struct judgement *judgement, uint32_t object, uint64_t bias);

/* The pages of a segment in its module's place: from its first page to its last, rounded out. */
uint64_t segment_start(const struct facts *facts, const struct module *module, const struct segment *segment);
uint64_t segment_end(const struct facts *facts, const struct module *module, const struct segment *segment);
