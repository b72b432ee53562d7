/* SPDX-License-Identifier: MIT */
/*
 * Evidence for and against an ELF image being loaded at a bias: which of its segments are mapped
 * where they belong, and with which access.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/facts.h"
#include "model/judgement.h"

/*
 * How many segments, mappings and earlier modules are looked at for all modules: enough for tens of thousands
 * of files, or for thousands of copies of one, but a bound on the work that a hostile file, with thousands of
 * segments or mapped a million times, can cause.
 */
#define MODULE_LOOKS_MAX (1 << 24)

/* The findings over all segments. */
struct module_evidence {
	bool is_cut;		      /* not all was looked at, so it proves nothing */
	size_t n_missing, n_in_place; /* segments with a part in the file */
	bool fits;		      /* those in place have the access that the headers ask for */
	bool is_special;	      /* one is writable or executable, as the headers ask for */
	bool is_code;		      /* one is executable, as the headers ask for */
	bool is_refuted;	      /* other pages of the file are in the place of one */
	bool is_displaced;	      /* two are displaced relative to each other */
	uint64_t displacement;
	unsigned accesses;
	uint64_t mapped_end, end; /* of the mappings in place, and of the segments' parts of the file */
};

/* Adds to *n_looks what it looks at; it stops at MODULE_LOOKS_MAX. */
struct module_evidence collect_module_evidence(const struct facts *facts, const struct module *module,
					       size_t *n_looks);

/*
 * Whether the evidence proves a module. Access may have changed, and some segments may have been
 * replaced; but only in a module are parts of the file displaced relative to each other, or mapped
 * with different access at the right distance. A file that was overwritten in place may match in
 * part, but then has other pages where a segment belongs.
 */
bool is_convincing(const struct facts *facts, const struct module *module, const struct module_evidence *e);

/*
 * Whether it may be a module, if the file has no convincing one: it has code, and its mappings end
 * where the module does. A program that maps a whole file as data does not know where that is. If
 * all segments fit in one page, as those of small files do with 64K pages, any mapping ends there
 * and proves nothing.
 */
bool is_plausible(const struct facts *facts, const struct module *module, const struct module_evidence *e);
