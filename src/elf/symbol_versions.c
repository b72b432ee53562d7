/* SPDX-License-Identifier: MIT */
#include "elf/symbol_versions.h"

#include <string.h>

#include "base/mem.h"

#define HIDDEN 0x8000 /* in a symbol's number: its name alone does not refer to it */
#define NUMBER 0x7fff

/* More than there are version numbers: the entries of a hostile file may form loops. */
#define ENTRIES_MAX (1 << 16)

/* ---- by number ---- */

struct reader {
	struct symbol_versions *versions;
	Elf_Data *data;
	const char *strings;
	size_t strings_len;
	unsigned budget; /* entries that may still be read */
};

static void set_name(struct reader *reader, unsigned number, uint32_t name)
{
	if (number < reader->versions->n_names && name < reader->strings_len)
		reader->versions->names[number] = reader->strings + name;
}

/* Whether an entry may lie there; libelf checks that it ends within the data. */
static bool is_entry(struct reader *reader, uint64_t at)
{
	if (at % sizeof(Elf32_Word) != 0 || at >= reader->data->d_size || reader->budget == 0)
		return false;
	reader->budget--;
	return true;
}

/* Versions that the file defines. */
static void read_definitions(struct reader *reader)
{
	GElf_Verdef entry;
	GElf_Verdaux name;

	for (uint64_t at = 0; is_entry(reader, at); at += entry.vd_next) {
		if (!gelf_getverdef(reader->data, (int)at, &entry))
			return;
		if (is_entry(reader, at + entry.vd_aux) &&
		    gelf_getverdaux(reader->data, (int)(at + entry.vd_aux), &name))
			set_name(reader, entry.vd_ndx & NUMBER, name.vda_name);
		if (entry.vd_next == 0)
			return;
	}
}

static void read_needs_of_file(struct reader *reader, uint64_t at)
{
	GElf_Vernaux entry;

	for (; is_entry(reader, at); at += entry.vna_next) {
		if (!gelf_getvernaux(reader->data, (int)at, &entry))
			return;
		set_name(reader, entry.vna_other & NUMBER, entry.vna_name);
		if (entry.vna_next == 0)
			return;
	}
}

/* Versions of other files: a program may have copies of their variables. */
static void read_needs(struct reader *reader)
{
	GElf_Verneed entry;

	for (uint64_t at = 0; is_entry(reader, at); at += entry.vn_next) {
		if (!gelf_getverneed(reader->data, (int)at, &entry))
			return;
		read_needs_of_file(reader, at + entry.vn_aux);
		if (entry.vn_next == 0)
			return;
	}
}

static size_t count_names(Elf_Data *numbers)
{
	size_t max = 0;
	GElf_Versym number;

	for (int i = 0; gelf_getversym(numbers, i, &number); i++)
		max = MAX(max, number & NUMBER);
	return max + 1;
}

void symbol_versions_init(struct symbol_versions *versions, Elf_Data *numbers, Elf_Data *definitions,
			  Elf_Data *needs, const char *strings, size_t strings_len)
{
	struct reader reader = {
		.versions = versions, .strings = strings, .strings_len = strings_len, .budget = ENTRIES_MAX
	};

	*versions = (struct symbol_versions){ .numbers = numbers };
	if (!numbers)
		return;
	versions->n_names = count_names(numbers);
	versions->names = mem_alloc(versions->n_names * sizeof(*versions->names));
	reader.data = definitions;
	if (definitions)
		read_definitions(&reader);
	reader.data = needs;
	if (needs)
		read_needs(&reader);
}

void symbol_versions_done(struct symbol_versions *versions)
{
	free(versions->names);
}

void symbol_versions_set(const struct symbol_versions *versions, size_t i, struct symbol *symbol)
{
	GElf_Versym number;

	if (!gelf_getversym(versions->numbers, (int)i, &number))
		return;
	symbol->is_old = number & HIDDEN;
	/* 0 and 1 mean no version; 1 is also the number of the file's own name. */
	if ((number & NUMBER) > VER_NDX_GLOBAL)
		symbol->version = versions->names[number & NUMBER];
}

/* ---- in names ---- */

/* Go names may have an @ of their own, followed by characters that no version has. */
static bool is_symbol_version(const char *text)
{
	const char *p = text;

	while ((*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') ||
	       (*p && strchr("_.+-~", *p)))
		p++;
	return p > text && !*p;
}

bool symbol_version_split(struct symbol *symbol)
{
	const char *at = strrchr(symbol->name, '@');

	if (!at || !is_symbol_version(at + 1))
		return true;
	symbol->version = at + 1;
	while (at > symbol->name && at[-1] == '@')
		at--;
	symbol->is_old = at + 1 == symbol->version;
	return at > symbol->name;
}
