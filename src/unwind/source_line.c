/* SPDX-License-Identifier: MIT */
#include "unwind/source_line.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/util.h"

static void add_location(struct frames *frames)
{
	mem_grow(frames->locations, frames->n_locations, frames->cap_locations);
	frames->locations[frames->n_locations++] = (struct location){ .offset = UNKNOWN, .line = UNKNOWN };
}

static bool is_path(const char *path, const char *directory, const char *file)
{
	size_t len = strlen(directory);

	return strncmp(path, directory, len) == 0 && path[len] == '/' && strcmp(path + len + 1, file) == 0;
}

/* Sets the source of the last location. Locations in one file share its path. */
static void set_source(struct frames *frames, const char *directory, const char *file, int line)
{
	struct location *location = &frames->locations[frames->n_locations - 1];

	if (!file || line <= 0)
		return;
	location->line = (uint64_t)line;
	if (file[0] == '/' || !directory) {
		location->source = frames_name(frames, file);
		return;
	}
	location->source = frames_find_name(frames, file);
	if (!location->source || !is_path(location->source, directory, file)) {
		frames_keep_name(frames, file, mem_format("%s/%s", directory, file));
		location->source = frames_find_name(frames, file);
	}
}

/* ---- a function with a frame ---- */

/*
 * The compilation unit of an address. Not every compiler writes the table that leads there at once
 * (.debug_aranges); without it, all units are searched.
 */
static Dwarf_Die *find_unit(const struct libdw *dw, Dwfl_Module *module, uint64_t address, Dwarf_Addr *bias)
{
	Dwarf_Die *unit = dw->dwfl_module_addrdie(module, address, bias);

	if (unit)
		return unit;
	while ((unit = dw->dwfl_module_nextcu(module, unit, bias)))
		if (dw->dwarf_haspc(unit, address - *bias) > 0)
			break;
	return unit;
}

static const char *directory_of(const struct libdw *dw, Dwarf_Die *unit)
{
	Dwarf_Attribute attribute;

	return dw->dwarf_formstring(dw->dwarf_attr_integrate(unit, DW_AT_comp_dir, &attribute));
}

static void set_line(const struct libdw *dw, Dwarf_Die *unit, Dwarf_Addr address, struct frames *frames)
{
	Dwarf_Line *entry = dw->dwarf_getsrc_die(unit, address);
	int line;

	if (entry && dw->dwarf_lineno(entry, &line) == 0)
		set_source(frames, directory_of(dw, unit), dw->dwarf_linesrc(entry, NULL, NULL), line);
}

/* ---- functions without a frame ---- */

/* The linker's name, as in the symbol table, if the debug information has one; else the name in the source. */
static const char *name_of(const struct libdw *dw, Dwarf_Die *die)
{
	static const unsigned names[] = { DW_AT_linkage_name, DW_AT_MIPS_linkage_name };
	Dwarf_Attribute attribute;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *name = dw->dwarf_formstring(dw->dwarf_attr_integrate(die, names[i], &attribute));

		if (name)
			return name;
	}
	return dw->dwarf_diename(die);
}

static int number_of(const struct libdw *dw, Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute attribute;
	Dwarf_Word value;

	if (dw->dwarf_formudata(dw->dwarf_attr_integrate(die, name, &attribute), &value) != 0 ||
	    value > INT32_MAX)
		return 0;
	return (int)value;
}

/* Sets the place where the function that `die` is inlined into calls it. */
static void set_call(const struct libdw *dw, Dwarf_Die *unit, Dwarf_Die *die, struct frames *frames)
{
	size_t file = (size_t)number_of(dw, die, DW_AT_call_file);
	Dwarf_Files *files;
	size_t n;

	if (dw->dwarf_getsrcfiles(unit, &files, &n) != 0 || file >= n)
		return;
	set_source(frames, directory_of(dw, unit), dw->dwarf_filesrc(files, file, NULL, NULL),
		   number_of(dw, die, DW_AT_call_line));
}

/*
 * Walks outwards through functions that are inlined into each other. The innermost has the line of
 * the address; each outer one has the line where it calls the one before.
 */
static void add_inlined(const struct libdw *dw, Dwarf_Die *unit, Dwarf_Die *scopes, int n,
			struct frames *frames)
{
	for (int i = 0; i < n; i++) {
		int tag = dw->dwarf_tag(&scopes[i]);

		if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram)
			continue;
		frames->locations[frames->n_locations - 1].function =
			frames_name(frames, name_of(dw, &scopes[i]));
		if (tag == DW_TAG_subprogram)
			return;
		add_location(frames);
		set_call(dw, unit, &scopes[i], frames);
	}
}

static void find_inlined(const struct libdw *dw, Dwarf_Die *unit, Dwarf_Addr address, struct frames *frames)
{
	Dwarf_Die *scopes = NULL;
	Dwarf_Die *around = NULL;
	int n = 0;

	/*
	 * Around an inlined function, the first scopes are those where it is defined; the second
	 * ones are those that it is inlined into.
	 */
	if (dw->dwarf_getscopes(unit, address, &scopes) > 0)
		n = dw->dwarf_getscopes_die(&scopes[0], &around);
	add_inlined(dw, unit, around, n, frames);
	free(around);
	free(scopes);
}

/*
 * -gsplit-dwarf leaves the line table in the program, and puts the rest into a file that the unit
 * names. libdw opens that file when it descends into the unit, even if it is a fifo.
 */
static bool is_split(const struct libdw *dw, const Dwarf_Die *unit)
{
	uint8_t type = 0;

	return dw->dwarf_cu_info(unit->cu, NULL, &type, NULL, NULL, NULL, NULL, NULL) != 0 ||
	       type == DW_UT_skeleton;
}

bool find_locations(const struct libdw *dw, Dwfl_Module *module, uint64_t address, struct frames *frames)
{
	Dwarf_Addr bias;
	Dwarf_Die *unit = module ? find_unit(dw, module, address, &bias) : NULL;

	add_location(frames);
	if (!unit)
		return true;
	set_line(dw, unit, address - bias, frames);
	if (is_split(dw, unit))
		return false;
	find_inlined(dw, unit, address - bias, frames);
	return true;
}

bool has_unwind_rows(const struct libdw *dw, Dwfl_Module *module, uint64_t address)
{
	const __typeof__(dw->dwfl_module_eh_cfi) tables[] = {
		dw->dwfl_module_eh_cfi,
		dw->dwfl_module_dwarf_cfi,
	};

	for (size_t i = 0; module && i < ARRAY_SIZE(tables); i++) {
		Dwarf_Frame *rows = NULL;
		Dwarf_Addr bias;
		Dwarf_CFI *table = tables[i](module, &bias);
		bool found = table && dw->dwarf_cfi_addrframe(table, address - bias, &rows) == 0;

		free(rows);
		if (found)
			return true;
	}
	return false;
}
