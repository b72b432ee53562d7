/* SPDX-License-Identifier: MIT */
/*
 * Names addresses by the symbols of the modules that they are in. A module's symbols are read when
 * the first one is needed: from its file, its separate debug file, or the memory of the process.
 * All views use this, so that an address has the same name in each.
 */
#pragma once

#include <stdbool.h>

#include "elf/symbols.h"
#include "model/facts.h"
#include "model/judgement.h"
#include "source/source.h"

struct symbolizer {
	struct source *source;
	const struct facts *facts;
	bool want_debuginfod, debuginfod_missing;
	uint32_t *owners;	 /* by object: the first one of the same file, which may have several names */
	struct symbols **tables; /* by owner */
	struct symbols **exports;
	bool *is_read, *has_read_exports;
	size_t debugdata_left; /* bytes of .gnu_debugdata that may still be decompressed */
	/* Modules whose symbols could not be read, though nothing forbids it, and the error of the first. */
	size_t n_unread;
	int unread_code;
};

/* For an address space whose modules are known. `want_debuginfod`: as in debug_file.h. */
void symbolizer_init(struct symbolizer *symbolizer, struct source *source, const struct facts *facts,
		     bool want_debuginfod);
void symbolizer_done(struct symbolizer *symbolizer);

/* Notes what could not be read so far. */
void symbolizer_note(const struct symbolizer *symbolizer, struct notes *notes);

/* The symbols of a module, owned by the symbolizer; NULL: there are none. */
const struct symbols *symbolizer_table(struct symbolizer *symbolizer, const struct module *module);

/* Likewise only what its file exports, see symbols_read_dynamic(). */
const struct symbols *symbolizer_exports(struct symbolizer *symbolizer, const struct module *module);

/*
 * The symbol that an address in a module's memory belongs to; NULL: none. *ret_offset: how far
 * after its beginning the address is.
 */
const struct symbol *symbolizer_at(struct symbolizer *symbolizer, const struct module *module, uint64_t addr,
				   uint64_t *ret_offset);
