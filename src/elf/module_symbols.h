/* SPDX-License-Identifier: MIT */
/*
 * The symbols of modules, read when they are first asked for: from the module's file, its separate
 * debug file, or the memory of the process. Whoever names an address asks here, so that all views
 * give it the same name.
 */
#pragma once

#include <stdbool.h>

#include "elf/symbols.h"
#include "model/facts.h"
#include "model/judgement.h"
#include "source/source.h"

struct module_symbols {
	struct source *source;
	const struct facts *facts;
	bool want_debuginfod, debuginfod_missing;
	struct symbols **tables; /* by object */
	bool *is_read;
	/* Modules whose symbols could not be read, though nothing forbids it, and why the first of them. */
	size_t n_unread;
	int unread_code;
};

/* Of an address space whose modules are known. `want_debuginfod`: as in debug_file.h. */
void module_symbols_init(struct module_symbols *cache, struct source *source, const struct facts *facts,
			 bool want_debuginfod);
void module_symbols_done(struct module_symbols *cache);

/* Notes what could not be read so far. */
void module_symbols_note(const struct module_symbols *cache, struct notes *notes);

/* The table, which the cache keeps; NULL where there is none. */
const struct symbols *module_symbols_of(struct module_symbols *cache, const struct module *module);

/*
 * The symbol that an address of a module's memory belongs to; NULL: none. *ret_offset: how far
 * behind its beginning that is.
 */
const struct symbol *module_symbol_at(struct module_symbols *cache, const struct module *module,
				      uint64_t addr, uint64_t *ret_offset);
