/* SPDX-License-Identifier: MIT */
#include "inspect/lookup.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "elf/readable_name.h"
#include "elf/symbolizer.h"
#include "elf/symbols.h"
#include "inspect/query.h"
#include "pages/runs.h"

/* What it takes to answer a query. */
struct finder {
	struct source *source;
	const struct space *space;
	struct answers *answers;
	struct symbolizer symbols;
};

/* ---- what a query means ---- */

/* Whether a name is the query's module, deleted or not. */
static bool is_name(const char *name, const struct query *query)
{
	const char *rest;

	if (strncmp(name, query->module, query->module_len) != 0)
		return false;
	rest = name + query->module_len;
	return !*rest || strcmp(rest, DELETED_SUFFIX) == 0;
}

static bool is_called(const struct space *space, const struct module *module, const struct query *query)
{
	const struct object *object = space->facts.objects[module->object];
	const char *slash = object->name ? strrchr(object->name, '/') : NULL;

	if (!query->module)
		return true;
	return object->name && (is_name(object->name, query) || (slash && is_name(slash + 1, query)));
}

/*
 * Tables show addresses in hexadecimal without 0x. So a number without letters is taken for one of
 * these if something is mapped there, even if the decimal address is mapped, too.
 */
static uint64_t choose_base(struct finder *finder, const char *digits, size_t len, uint64_t decimal)
{
	const struct judgement *judgement = &finder->space->judgement;
	char text[24];
	char other[64] = "";
	uint64_t addr;

	if (len + 3 > sizeof(text))
		return decimal;
	snprintf(text, sizeof(text), "0x%.*s", (int)len, digits);
	if (query_number(text, len + 2, &addr) != IS_NUMBER || addr == decimal ||
	    judgement_region(judgement, addr) == NO_REGION)
		return decimal;
	if (judgement_region(judgement, decimal) != NO_REGION)
		snprintf(other, sizeof(other), ", or %#" PRIx64 " for the decimal number", decimal);
	notes_add(&finder->answers->notes, "at-base", "%.*s is taken as hexadecimal: write %s to be sure%s",
		  (int)len, digits, text, other);
	return addr;
}

/*
 * A hexadecimal address, as in tables, that begins with a letter and so could have been a symbol's
 * name. Without any digit it is a word, unless something is mapped there.
 */
static uint64_t find_letters(const struct finder *finder, const struct query *query)
{
	_cleanup_free_ char *number = mem_format("0x%.*s", (int)query->what_len, query->what);
	bool has_digit = number[2 + strcspn(number + 2, "0123456789")] != '\0';
	uint64_t addr;

	if (query_number(number, strlen(number), &addr) != IS_NUMBER ||
	    (!has_digit && judgement_region(&finder->space->judgement, addr + query->offset) == NO_REGION))
		return UNKNOWN;
	return addr + query->offset;
}

/* In a core file, "fault" is an address, even if there is a symbol of that name. */
static bool is_fault(const struct space *space, const struct query *query)
{
	return space->facts.origin == ORIGIN_CORE && !query->module && query->what_len == strlen("fault") &&
	       strncmp(query->what, "fault", query->what_len) == 0;
}

typedef const struct symbols *find_table_fn(struct symbolizer *symbolizer, const struct module *module);
typedef const struct symbol *find_symbol_fn(const struct symbols *table, const char *name);

/* The address of the queried symbol in the first module that has it; else UNKNOWN. Searches each file once. */
static uint64_t find_symbol(struct finder *finder, const struct query *query, find_table_fn *find_table,
			    find_symbol_fn *find)
{
	_cleanup_free_ char *name = mem_copy(query->what, query->what_len);
	_cleanup_free_ bool *is_searched = mem_alloc(finder->space->facts.n_objects);

	for (size_t i = 0; i < finder->space->judgement.n_modules; i++) {
		const struct module *module = &finder->space->judgement.modules[i];
		uint32_t owner = finder->symbols.owners[module->object];
		const struct symbols *table;
		const struct symbol *symbol;

		if (is_searched[owner] || !is_called(finder->space, module, query))
			continue;
		is_searched[owner] = true;
		table = find_table(&finder->symbols, module);
		symbol = table ? find(table, name) : NULL;
		if (symbol)
			return module->bias + symbol->value + query->offset;
	}
	return UNKNOWN;
}

/*
 * Finds "name@VERSION", as nm -D prints it, in .dynsym: linkers write few versions to .symtab,
 * where most names are found without one.
 */
static uint64_t find_version(struct finder *finder, const struct query *query)
{
	return memchr(query->what, '@', query->what_len) ?
		       find_symbol(finder, query, symbolizer_exports, symbols_named) :
		       UNKNOWN;
}

static uint64_t find_in_module(const struct finder *finder, const struct query *query, uint64_t number)
{
	for (size_t i = 0; i < finder->space->judgement.n_modules; i++) {
		const struct module *module = &finder->space->judgement.modules[i];

		if (is_called(finder->space, module, query))
			return module->bias + number + query->offset;
	}
	return UNKNOWN;
}

/* The address that a query means, or UNKNOWN. */
static uint64_t find_address(struct finder *finder, const struct query *query)
{
	const struct space *space = finder->space;
	uint64_t number = 0;
	bool is_number = query_number(query->what, query->what_len, &number) == IS_NUMBER;
	uint64_t addr;

	if (is_fault(space, query))
		return space->facts.core.fault == UNKNOWN ? UNKNOWN : space->facts.core.fault + query->offset;
	if (is_number && query->module)
		return find_in_module(finder, query, number);
	if (is_number)
		return choose_base(finder, query->what, query->what_len, number) + query->offset;
	addr = find_symbol(finder, query, symbolizer_table, symbols_named);
	if (addr == UNKNOWN)
		addr = find_symbol(finder, query, symbolizer_table, symbols_readable);
	if (addr == UNKNOWN)
		addr = find_version(finder, query);
	return addr == UNKNOWN && !query->module ? find_letters(finder, query) : addr;
}

/* ---- what is there ---- */

static void set_symbol(struct finder *finder, struct lookup *lookup, const struct module *module)
{
	uint64_t offset;
	const struct symbol *symbol = symbolizer_at(&finder->symbols, module, lookup->addr, &offset);

	if (!symbol)
		return;
	lookup->symbol = mem_copy(symbol->name, strlen(symbol->name));
	lookup->symbol_offset = offset;
	lookup->symbol_size = symbol->size > 0 ? symbol->size : UNKNOWN;
}

static void set_section(const struct space *space, struct lookup *lookup, const struct module *module)
{
	const struct image *image = space->facts.objects[module->object]->image;
	uint64_t addr = lookup->addr - module->bias;

	for (size_t i = 0; image && i < image->n_sections; i++) {
		const struct section *section = &image->sections[i];

		if (addr < section->start || addr >= section->end)
			continue;
		lookup->section = section->name ? mem_copy(section->name, strlen(section->name)) : NULL;
		return;
	}
}

/* Whether the byte at `addr` was overwritten with zeroes, and so is not the file's. */
static bool is_zeroed(const struct space *space, const struct region *region, uint64_t addr)
{
	const struct module *module =
		region->module == NO_MODULE ? NULL : &space->judgement.modules[region->module];

	return region->kind == KIND_BSS ||
	       (module && image_has_zeroes(space->facts.objects[module->object]->image, addr - module->bias));
}

static void set_file_offset(const struct space *space, struct lookup *lookup, const struct region *region)
{
	const struct mapping *m = &space->facts.mappings[region->mapping];

	if (has_offset(mapping_object(&space->facts, m)) && !is_zeroed(space, region, lookup->addr))
		lookup->file_offset = m->offset + (lookup->addr - m->start);
}

static void look(struct finder *finder, struct lookup *lookup)
{
	const struct space *space = finder->space;
	const struct region *region;

	lookup->region = judgement_region(&space->judgement, lookup->addr);
	if (lookup->region == NO_REGION)
		return;
	region = &space->judgement.regions[lookup->region];
	lookup->has_page = read_page(finder->source, space, lookup->region, lookup->addr, &lookup->page) == 0;
	set_file_offset(space, lookup, region);
	if (region->module == NO_MODULE)
		return;
	set_section(space, lookup, &space->judgement.modules[region->module]);
	set_symbol(finder, lookup, &space->judgement.modules[region->module]);
}

static void note_no_fault(const struct facts *facts, struct notes *notes)
{
	const struct core *core = &facts->core;
	_cleanup_free_ char *number = mem_format("signal %d", core->signal);
	const char *signal = core->signal == 0 ? "no signal ended the process" :
			     core->signal_name ? core->signal_name :
						 number;
	_cleanup_free_ char *sender = NULL;

	if (core->sender == facts->process.pid)
		sender = mem_format("the process itself");
	else if (core->sender > 0)
		sender = mem_format("process %d", core->sender);
	else
		sender = mem_format("another process");
	if (core->signal == 0 || core->sender < 0)
		notes_warn(notes, "fault-unknown", "the core file has no fault address: %s", signal);
	else
		notes_warn(notes, "fault-unknown",
			   "the core file has no fault address: %s was sent by %s (kill(2) or similar), "
			   "and no access failed",
			   signal, sender);
}

static void note_unknown(const struct finder *finder, const char *text, const struct query *query)
{
	const struct space *space = finder->space;
	struct notes *notes = &finder->answers->notes;
	bool has_module = false;

	for (size_t i = 0; i < space->judgement.n_modules; i++)
		has_module |= is_called(space, &space->judgement.modules[i], query);
	if (is_fault(space, query))
		note_no_fault(&space->facts, notes);
	else if (!has_module && query->module)
		notes_warn(notes, "module-unknown", "no module is called '%.*s': --modules lists them",
			   (int)query->module_len, query->module);
	else if (!source_is_judged(finder->source))
		notes_warn(notes, "symbol-unknown", "no module has a symbol '%s' with an address", text);
}

static void add_lookup(struct finder *finder, const char *text)
{
	struct answers *answers = finder->answers;
	struct lookup lookup = {
		.query = text, .addr = UNKNOWN, .region = NO_REGION, .file_offset = UNKNOWN
	};
	struct query query;

	if (!query_parse(text, &query))
		return;
	lookup.addr = find_address(finder, &query);
	if (lookup.addr == UNKNOWN)
		note_unknown(finder, text, &query);
	else
		look(finder, &lookup);
	mem_grow(answers->lookups, answers->n_lookups, answers->cap_lookups);
	answers->lookups[answers->n_lookups++] = lookup;
}

void read_lookups(struct source *source, const struct space *space, const struct request *request,
		  struct answers *answers)
{
	struct finder finder = { .source = source, .space = space, .answers = answers };

	symbolizer_init(&finder.symbols, source, &space->facts, request->wants_debuginfod);
	for (size_t i = 0; i < request->n_queries; i++)
		add_lookup(&finder, request->queries[i]);
	symbolizer_note(&finder.symbols, &answers->notes);
	symbolizer_done(&finder.symbols);
}
