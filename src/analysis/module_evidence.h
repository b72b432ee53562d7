/* SPDX-License-Identifier: MIT */
/*
 * What speaks for an ELF image being loaded at a bias, and what against: which of its segments are mapped where they
 * belong, and with which access.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/facts.h"
#include "model/judgement.h"

/* Of all segments. */
struct module_evidence {
	size_t n_missing, n_in_place; /* segments with a part in the file */
	bool fits;		      /* those in place have the access that the headers ask for */
	bool is_special;	      /* one may be written to or executed, as the headers ask for */
	bool is_code;		      /* one may be executed */
	bool is_refuted;	      /* there are other pages of the file in the place of one */
	bool is_displaced;	      /* two have been moved against each other */
	uint64_t displacement;
	unsigned accesses;
	uint64_t mapped_end, end; /* of the mappings, and of what belongs there of them */
};

struct module_evidence collect_module_evidence(const struct facts *facts, const struct module *module);

/*
 * Whether that makes a module. Access may have changed, and some segments may have been replaced, but no other
 * mapping of the file has parts of it moved against each other, or of different access at the right distance. A
 * file that was overwritten in place may have some of that, and its other pages elsewhere.
 */
bool is_convincing(const struct facts *facts, const struct module *module, const struct module_evidence *e);

/*
 * Whether it may be one, for a file that has no convincing module: code, in mappings that end where the module
 * does. Whoever maps a whole file as data does not know where that is. Where all segments are in one page, as are
 * those of small files in pages of 64K, any mapping ends there.
 */
bool is_plausible(const struct facts *facts, const struct module *module, const struct module_evidence *e);
