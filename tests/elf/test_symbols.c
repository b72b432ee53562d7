/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/util.h"
#include "elf/symbols.h"
#include "elf_file.h"

enum { TEXT = 1, DATA, DEBUG, SYMBOLS, NAMES, VERSIONS, DEFINITIONS };

#define INFO(binding, type) ELF64_ST_INFO(STB_##binding, STT_##type)
#define ROWS_MAX 80
#define NAMES_MAX 1024

_Static_assert(SYMBOLS_AT + ROWS_MAX * sizeof(Elf64_Sym) <= NAMES_AT && NAMES_AT + NAMES_MAX <= ELF_FILE_SIZE,
	       "symbols and names have room");

static const Elf64_Shdr sections[] = {
	{ .sh_type = SHT_PROGBITS, .sh_flags = SHF_ALLOC, .sh_addr = 0x1000, .sh_size = 0x1000 },
	{ .sh_type = SHT_NOBITS, .sh_flags = SHF_ALLOC, .sh_addr = 0x4000, .sh_size = 0x100 },
	{ .sh_type = SHT_PROGBITS, .sh_size = 0x1000 },
	{ .sh_type = SHT_SYMTAB, .sh_offset = SYMBOLS_AT, .sh_link = NAMES, .sh_addralign = 8 },
	{ .sh_type = SHT_STRTAB, .sh_offset = NAMES_AT, .sh_addralign = 1 },
	{ .sh_type = SHT_NULL }, /* .gnu.version, if a test has it */
	{ .sh_type = SHT_NULL }, /* .gnu.version_d, likewise */
};

struct row {
	const char *name;
	uint64_t value, size;
	unsigned char info;
	uint16_t section;
};

/* The contents of a file, which a test may corrupt before it writes them. */
struct draft {
	struct elf_file file;
	Elf64_Shdr sections[ARRAY_SIZE(sections)];
	Elf64_Sym symbols[ROWS_MAX];
	char names[NAMES_MAX];
};

static void set_table_size(struct draft *draft, size_t n)
{
	bool narrow = draft->file.narrow;

	draft->file.n_symbols = n;
	draft->sections[SYMBOLS - 1].sh_entsize = narrow ? sizeof(Elf32_Sym) : sizeof(Elf64_Sym);
	draft->sections[SYMBOLS - 1].sh_size = n * draft->sections[SYMBOLS - 1].sh_entsize;
}

static void init_draft(struct draft *draft, const struct row *rows, size_t n)
{
	size_t len = 1;

	*draft = (struct draft){ .file = { .type = ET_DYN } };
	memcpy(draft->sections, sections, sizeof(sections));
	for (size_t i = 0; i < n; i++) {
		draft->symbols[i] = (Elf64_Sym){
			.st_name = (Elf64_Word)len,
			.st_value = rows[i].value,
			.st_size = rows[i].size,
			.st_info = rows[i].info,
			.st_shndx = rows[i].section,
		};
		len += strlen(strcpy(draft->names + len, rows[i].name)) + 1;
	}
	draft->sections[NAMES - 1].sh_size = len;
	draft->file.names = draft->names;
	draft->file.names_len = len;
	draft->file.sections = draft->sections;
	draft->file.n_sections = ARRAY_SIZE(sections);
	draft->file.symbols = draft->symbols;
	set_table_size(draft, n);
}

static struct symbols *read_draft(const struct draft *draft)
{
	_Alignas(16) unsigned char bytes[ELF_FILE_SIZE];
	_cleanup_close_ int fd = memfd_create("elf", MFD_CLOEXEC);
	struct symbols *of_file = NULL;
	struct symbols *of_memory = NULL;

	elf_file_write(&draft->file, bytes);
	cr_assert_eq(write(fd, bytes, sizeof(bytes)), (ssize_t)sizeof(bytes));
	cr_assert_eq(symbols_read(fd, DEBUGDATA_SIZE_MAX, &of_file), 0);
	cr_assert_eq(symbols_parse(bytes, sizeof(bytes), &of_memory), 0);
	cr_assert_eq(of_file->n, of_memory->n);
	symbols_free(of_memory);
	return of_file;
}

static struct symbols *read_rows(const struct row *rows, size_t n)
{
	struct draft draft;

	init_draft(&draft, rows, n);
	return read_draft(&draft);
}

/* `name` NULL: nothing is there. */
static void expect_at(const struct symbols *table, uint64_t addr, const char *name)
{
	const struct symbol *symbol = symbols_at(table, addr);

	if (!name)
		cr_expect_null(symbol, "%#lx is in %s", (unsigned long)addr, symbol ? symbol->name : "");
	else if (!symbol)
		cr_expect_fail("%#lx is in nothing", (unsigned long)addr);
	else
		cr_expect_str_eq(symbol->name, name, "%#lx is in %s", (unsigned long)addr, symbol->name);
}

/* ---- what is a symbol ---- */

Test(symbols, only_what_has_an_address)
{
	static const struct row rows[] = {
		{ "", 0x1100, 4, INFO(GLOBAL, FUNC), TEXT },
		{ "undefined", 0, 0, INFO(GLOBAL, FUNC), SHN_UNDEF },
		{ "constant", 0x1100, 4, INFO(GLOBAL, NOTYPE), SHN_ABS },
		{ "common", 8, 8, INFO(GLOBAL, OBJECT), SHN_COMMON },
		{ "thread", 0x10, 8, INFO(GLOBAL, TLS), DATA },
		{ "section", 0x1000, 0, INFO(LOCAL, SECTION), TEXT },
		{ "file.c", 0, 0, INFO(LOCAL, FILE), SHN_ABS },
		{ "unloaded", 0x20, 4, INFO(LOCAL, OBJECT), DEBUG },
		{ "nowhere", 0x1100, 4, INFO(GLOBAL, FUNC), 77 },
		{ "function", 0x1200, 4, INFO(GLOBAL, FUNC), TEXT },
		{ "chooser", 0x1300, 4, INFO(GLOBAL, GNU_IFUNC), TEXT },
		{ "object", 0x4000, 4, INFO(LOCAL, OBJECT), DATA },
		{ "label", 0x4010, 0, INFO(WEAK, NOTYPE), DATA },
	};
	struct symbols *table = read_rows(rows, ARRAY_SIZE(rows));

	cr_assert_eq(table->n, 4);
	cr_expect(table->is_full);
	cr_expect_str_eq(table->items[0].name, "function");
	cr_expect_eq(table->items[0].type, SYMBOL_FUNCTION);
	cr_expect_eq(table->items[0].binding, SYMBOL_GLOBAL);
	cr_expect_str_eq(table->items[1].name, "chooser");
	cr_expect_eq(table->items[1].type, SYMBOL_FUNCTION);
	cr_expect_str_eq(table->items[2].name, "object");
	cr_expect_eq(table->items[2].type, SYMBOL_DATA);
	cr_expect_eq(table->items[2].binding, SYMBOL_LOCAL);
	cr_expect_str_eq(table->items[3].name, "label");
	cr_expect_eq(table->items[3].type, SYMBOL_UNTYPED);
	cr_expect_eq(table->items[3].binding, SYMBOL_WEAK);
	symbols_free(table);
}

Test(symbols, any_width_and_byte_order)
{
	static const struct row rows[] = {
		{ "first", 0x1200, 0x20, INFO(GLOBAL, FUNC), TEXT },
		{ "second", 0x4000, 8, INFO(LOCAL, OBJECT), DATA },
	};

	for (int i = 0; i < 4; i++) {
		struct symbols *table;
		struct draft draft;

		init_draft(&draft, rows, ARRAY_SIZE(rows));
		draft.file.narrow = i & 1;
		draft.file.big_endian = i & 2;
		set_table_size(&draft, ARRAY_SIZE(rows));
		table = read_draft(&draft);
		cr_assert_eq(table->n, 2);
		expect_at(table, 0x11ff, NULL);
		expect_at(table, 0x1200, "first");
		expect_at(table, 0x121f, "first");
		expect_at(table, 0x1220, NULL);
		expect_at(table, 0x4007, "second");
		symbols_free(table);
	}
}

Test(symbols, dynamic_ones_where_the_others_are_stripped)
{
	static const struct row rows[] = { { "exported", 0x1200, 4, INFO(GLOBAL, FUNC), TEXT } };
	struct symbols *table;
	struct draft draft;

	init_draft(&draft, rows, ARRAY_SIZE(rows));
	draft.sections[SYMBOLS - 1].sh_type = SHT_DYNSYM;
	table = read_draft(&draft);
	expect_at(table, 0x1200, "exported");
	cr_expect_not(table->is_full);
	symbols_free(table);
}

/* strip --keep-symbol leaves such a file. */
Test(symbols, dynamic_ones_where_few_others_are_kept)
{
	static const struct row rows[] = {
		{ "exported", 0x1200, 4, INFO(GLOBAL, FUNC), TEXT },
		{ "kept", 0x1300, 4, INFO(LOCAL, FUNC), TEXT },
	};
	_cleanup_close_ int fd = memfd_create("elf", MFD_CLOEXEC);
	_Alignas(16) unsigned char bytes[ELF_FILE_SIZE];
	struct symbols *table = NULL;
	struct draft draft;

	init_draft(&draft, rows, ARRAY_SIZE(rows));
	draft.sections[VERSIONS - 1] = draft.sections[SYMBOLS - 1];
	draft.sections[VERSIONS - 1].sh_offset += sizeof(Elf64_Sym);
	draft.sections[VERSIONS - 1].sh_size = sizeof(Elf64_Sym);
	draft.sections[SYMBOLS - 1].sh_type = SHT_DYNSYM;
	table = read_draft(&draft);
	cr_expect_not(table->is_full);
	expect_at(table, 0x1200, "exported");
	expect_at(table, 0x1300, "kept");
	symbols_free(table);

	elf_file_write(&draft.file, bytes);
	cr_assert_eq(write(fd, bytes, sizeof(bytes)), (ssize_t)sizeof(bytes));
	cr_expect_eq(symbols_read_full(fd, -1, &table), -ENODATA);
	draft.sections[SYMBOLS - 1].sh_size = sizeof(Elf64_Sym);
	table = read_draft(&draft);
	cr_expect(table->is_full);
	symbols_free(table);
}

/* An unsized symbol may be followed by a function that is not exported, so not in the table. */
Test(symbols, unsized_dynamic_ones)
{
	static const struct row rows[] = {
		{ "memset", 0x1200, 0, INFO(GLOBAL, FUNC), TEXT },
		{ "edge", 0x2000, 0, INFO(GLOBAL, FUNC), TEXT },
		{ "data", 0x4000, 0, INFO(GLOBAL, OBJECT), DATA },
	};
	struct symbols *table;
	struct draft draft;

	init_draft(&draft, rows, ARRAY_SIZE(rows));
	draft.sections[TEXT - 1].sh_flags |= SHF_EXECINSTR;
	draft.sections[SYMBOLS - 1].sh_type = SHT_DYNSYM;
	table = read_draft(&draft);
	expect_at(table, 0x1200, "memset");
	expect_at(table, 0x1201, NULL);
	expect_at(table, 0x2000, NULL);
	expect_at(table, 0x4010, "data");
	symbols_free(table);
}

Test(symbols, marks_and_modes_of_arm)
{
	static const struct row rows[] = {
		{ "$t", 0x1200, 0, INFO(LOCAL, NOTYPE), TEXT },
		{ "$d.12", 0x1204, 0, INFO(LOCAL, NOTYPE), TEXT },
		{ "thumb", 0x1201, 8, INFO(GLOBAL, FUNC), TEXT },
		{ "$data", 0x4000, 4, INFO(LOCAL, NOTYPE), DATA },
		{ "odd", 0x4005, 1, INFO(GLOBAL, OBJECT), DATA },
	};
	struct symbols *table;
	struct draft draft;

	init_draft(&draft, rows, ARRAY_SIZE(rows));
	draft.file.machine = EM_ARM;
	table = read_draft(&draft);
	cr_expect_eq(table->n, 3);
	expect_at(table, 0x1200, "thumb");
	expect_at(table, 0x1208, NULL);
	expect_at(table, 0x4000, "$data");
	expect_at(table, 0x4004, NULL);
	expect_at(table, 0x4005, "odd");
	symbols_free(table);

	draft.file.machine = EM_X86_64;
	table = read_draft(&draft);
	cr_expect_eq(table->n, 5, "a dollar means nothing elsewhere");
	symbols_free(table);
}

/* ---- by address ---- */

Test(symbols, innermost_of_nested_ones)
{
	static const struct row rows[] = {
		{ "outer", 0x1000, 0x100, INFO(GLOBAL, OBJECT), TEXT },
		{ "inner", 0x1010, 0x80, INFO(GLOBAL, OBJECT), TEXT },
		{ "small", 0x1020, 0x10, INFO(LOCAL, OBJECT), TEXT },
		{ "later", 0x1040, 0x10, INFO(LOCAL, OBJECT), TEXT },
		{ "across", 0x1088, 0x20, INFO(LOCAL, OBJECT), TEXT },
	};
	struct symbols *table = read_rows(rows, ARRAY_SIZE(rows));

	expect_at(table, 0x100f, "outer");
	expect_at(table, 0x1010, "inner");
	expect_at(table, 0x1020, "small");
	expect_at(table, 0x1030, "inner");
	expect_at(table, 0x104f, "later");
	expect_at(table, 0x1050, "inner");
	expect_at(table, 0x1088, "across");
	expect_at(table, 0x1090, "across");
	expect_at(table, 0x10a8, "outer");
	expect_at(table, 0x1100, NULL);
	symbols_free(table);
}

Test(symbols, unsized_ones_end_where_something_begins_or_ends)
{
	static const struct row rows[] = {
		{ "before", 0x0ff0, 0, INFO(GLOBAL, NOTYPE), TEXT },
		{ "first", 0x1000, 0, INFO(GLOBAL, FUNC), TEXT },
		{ "sized", 0x1100, 0x10, INFO(LOCAL, FUNC), TEXT },
		{ "within", 0x1108, 0, INFO(GLOBAL, NOTYPE), TEXT },
		{ "last", 0x1200, 0, INFO(GLOBAL, NOTYPE), TEXT },
		{ "end", 0x2000, 0, INFO(GLOBAL, NOTYPE), TEXT },
		{ "data", 0x4000, 0, INFO(LOCAL, NOTYPE), DATA },
	};
	struct symbols *table = read_rows(rows, ARRAY_SIZE(rows));

	expect_at(table, 0x0ff0, NULL);
	expect_at(table, 0x1000, "first");
	expect_at(table, 0x10ff, "first");
	expect_at(table, 0x1108, "sized");
	expect_at(table, 0x1110, NULL);
	expect_at(table, 0x1200, "last");
	expect_at(table, 0x1fff, "last");
	expect_at(table, 0x2000, NULL);
	expect_at(table, 0x40ff, "data");
	expect_at(table, 0x4100, NULL);
	expect_at(table, 0, NULL);
	expect_at(table, UINT64_MAX, NULL);
	symbols_free(table);
}

/* Go's linker puts an empty section between two others, and all three have symbols. */
Test(symbols, unsized_ones_at_one_place_in_several_sections)
{
	static const struct row rows[] = {
		{ "table", 0x4000, 0, INFO(LOCAL, OBJECT), DATA },
		{ "empty", 0x4000, 0, INFO(GLOBAL, OBJECT), TEXT },
		{ "end_of_empty", 0x4000, 0, INFO(GLOBAL, OBJECT), TEXT },
		{ "next", 0x4080, 0, INFO(LOCAL, OBJECT), DATA },
		{ "sized", 0x4090, 8, INFO(LOCAL, OBJECT), DATA },
		{ "label", 0x4090, 0, INFO(GLOBAL, OBJECT), DATA },
	};
	struct symbols *table = read_rows(rows, ARRAY_SIZE(rows));

	expect_at(table, 0x4000, "table");
	expect_at(table, 0x407f, "table");
	expect_at(table, 0x408f, "next");
	expect_at(table, 0x4090, "sized");
	expect_at(table, 0x4098, NULL);
	symbols_free(table);
}

Test(symbols, the_best_name_of_a_place)
{
	static const struct row rows[] = {
		/* from worst to best: each is better than all before it */
		{ "a", 0x1000, 0, INFO(GLOBAL, FUNC), TEXT },
		{ "b", 0x1000, 8, INFO(LOCAL, FUNC), TEXT },
		{ "__c", 0x1000, 8, INFO(WEAK, FUNC), TEXT },
		{ "__close", 0x1000, 8, INFO(GLOBAL, FUNC), TEXT },
		{ "__d", 0x1000, 8, INFO(GLOBAL, FUNC), TEXT },
		{ "_e", 0x1000, 8, INFO(WEAK, FUNC), TEXT },
		{ "_f", 0x1000, 8, INFO(GLOBAL, FUNC), TEXT },
		{ "g", 0x1000, 8, INFO(WEAK, FUNC), TEXT },
		{ "hello", 0x1000, 8, INFO(GLOBAL, FUNC), TEXT },
		{ "good", 0x1000, 8, INFO(GLOBAL, FUNC), TEXT },
		{ "best", 0x1000, 8, INFO(GLOBAL, FUNC), TEXT },
	};
	struct row reversed[ARRAY_SIZE(rows)];

	for (size_t n = 1; n <= ARRAY_SIZE(rows); n++) {
		struct symbols *table = read_rows(rows, n);

		expect_at(table, 0x1004, rows[n - 1].name);
		symbols_free(table);
		for (size_t i = 0; i < n; i++)
			reversed[i] = rows[n - 1 - i];
		table = read_rows(reversed, n);
		expect_at(table, 0x1004, rows[n - 1].name);
		symbols_free(table);
	}
}

Test(symbols, a_longer_one_at_the_same_place)
{
	static const struct row rows[] = {
		{ "short", 0x1000, 8, INFO(GLOBAL, FUNC), TEXT },
		{ "long", 0x1000, 16, INFO(LOCAL, FUNC), TEXT },
	};
	struct symbols *table = read_rows(rows, ARRAY_SIZE(rows));

	expect_at(table, 0x1007, "short");
	expect_at(table, 0x1008, "long");
	symbols_free(table);
}

/* ---- by name ---- */

static void expect_named(const struct symbols *table, const char *name, uint64_t value)
{
	const struct symbol *symbol = symbols_named(table, name);

	cr_assert_not_null(symbol, "%s", name);
	cr_expect_eq(symbol->value, value, "%s is at %#lx", name, (unsigned long)symbol->value);
}

Test(symbols, by_name)
{
	static const struct row rows[] = {
		{ "f", 0x1000, 8, INFO(LOCAL, FUNC), TEXT },
		{ "f", 0x1010, 8, INFO(WEAK, NOTYPE), TEXT },
		{ "f", 0x1020, 8, INFO(WEAK, FUNC), TEXT },
		{ "f", 0x1030, 8, INFO(WEAK, OBJECT), TEXT },
		{ "g", 0x1040, 8, INFO(LOCAL, FUNC), TEXT },
		{ "g", 0x1050, 8, INFO(GLOBAL, NOTYPE), TEXT },
		{ "h@V1", 0x1060, 8, INFO(GLOBAL, FUNC), TEXT },
		{ "h@@V2", 0x1070, 8, INFO(GLOBAL, FUNC), TEXT },
		{ "long_name", 0x1080, 8, INFO(GLOBAL, FUNC), TEXT },
	};
	struct symbols *table = read_rows(rows, ARRAY_SIZE(rows));

	expect_named(table, "f", 0x1020);
	expect_named(table, "g", 0x1050);
	expect_named(table, "h", 0x1070);
	expect_named(table, "h@V1", 0x1060);
	expect_named(table, "h@@V2", 0x1070);
	cr_expect_null(symbols_named(table, "long"));
	cr_expect_null(symbols_named(table, "long_name_"));
	cr_expect_null(symbols_named(table, ""));
	symbols_free(table);
}

/* ---- versions ---- */

static void expect_version(const struct symbol *symbol, const char *version, bool is_old)
{
	cr_assert_not_null(symbol);
	if (version)
		cr_expect_str_eq(symbol->version ? symbol->version : "none", version, "of %s", symbol->name);
	else
		cr_expect_null(symbol->version, "%s has version %s", symbol->name, symbol->version);
	cr_expect_eq(symbol->is_old, is_old, "%s", symbol->name);
}

Test(symbols, a_version_is_no_part_of_the_name)
{
	static const struct row rows[] = {
		{ "stdout@GLIBC_2.2.5", 0x4000, 8, INFO(GLOBAL, OBJECT), DATA },
		{ "h@@V2", 0x1000, 8, INFO(GLOBAL, FUNC), TEXT },
		{ "plain", 0x1010, 8, INFO(GLOBAL, FUNC), TEXT },
		{ "go.struct{x \"a@b\"}", 0x1020, 8, INFO(GLOBAL, FUNC), TEXT },
		{ "ends@", 0x1030, 8, INFO(GLOBAL, FUNC), TEXT },
		{ "local@v", 0x1040, 8, INFO(LOCAL, FUNC), TEXT },
		{ "a@b@V", 0x1050, 8, INFO(WEAK, FUNC), TEXT },
		{ "@V", 0x1060, 8, INFO(GLOBAL, FUNC), TEXT },
		{ "@@V", 0x1070, 8, INFO(GLOBAL, FUNC), TEXT },
	};
	struct symbols *table = read_rows(rows, ARRAY_SIZE(rows));

	expect_at(table, 0x4000, "stdout");
	expect_version(symbols_at(table, 0x4000), "GLIBC_2.2.5", true);
	expect_at(table, 0x1000, "h");
	expect_version(symbols_at(table, 0x1000), "V2", false);
	expect_version(symbols_at(table, 0x1010), NULL, false);
	expect_at(table, 0x1020, "go.struct{x \"a@b\"}");
	expect_at(table, 0x1030, "ends@");
	expect_at(table, 0x1040, "local");
	expect_at(table, 0x1050, "a@b");
	expect_at(table, 0x1060, NULL);
	expect_at(table, 0x1070, NULL);
	expect_named(table, "stdout", 0x4000);
	expect_named(table, "stdout@GLIBC_2.2.5", 0x4000);
	expect_named(table, "h@V2", 0x1000);
	expect_named(table, "ends@", 0x1030);
	expect_named(table, "a@b", 0x1050);
	cr_expect_null(symbols_named(table, "stdout@@GLIBC_2.2.5"));
	cr_expect_null(symbols_named(table, "h@V1"));
	cr_expect_null(symbols_named(table, "plain@V1"));
	symbols_free(table);
}

/* Linkers do not store a name twice if it is the end of another name. */
Test(symbols, versions_in_shared_names)
{
	static const struct row rows[] = {
		{ "longer_f@V1", 0x1000, 8, INFO(GLOBAL, FUNC), TEXT },
		{ "-", 0x1010, 8, INFO(GLOBAL, FUNC), TEXT },
		{ "-", 0x1020, 8, INFO(GLOBAL, FUNC), TEXT },
		{ "-", 0x1030, 8, INFO(GLOBAL, FUNC), TEXT },
	};
	struct symbols *table;
	struct draft draft;

	init_draft(&draft, rows, ARRAY_SIZE(rows));
	draft.symbols[1].st_name = draft.symbols[0].st_name;
	draft.symbols[2].st_name = draft.symbols[0].st_name + (Elf64_Word)strlen("longer_");
	draft.symbols[3].st_name = draft.symbols[0].st_name + (Elf64_Word)strlen("longer_f@");
	table = read_draft(&draft);
	expect_at(table, 0x1000, "longer_f");
	expect_at(table, 0x1010, "longer_f");
	expect_at(table, 0x1020, "f");
	expect_at(table, 0x1030, "V1");
	for (size_t i = 0; i < 3; i++)
		expect_version(&table->items[i], "V1", true);
	symbols_free(table);
}

Test(symbols, the_default_version_is_preferred)
{
	static const struct row rows[] = {
		{ "wait@V1", 0x1000, 8, INFO(GLOBAL, FUNC), TEXT },
		{ "wait@@V2", 0x1010, 8, INFO(WEAK, FUNC), TEXT },
		{ "wait", 0x1020, 8, INFO(LOCAL, FUNC), TEXT },
		{ "memcpy@V1", 0x1030, 8, INFO(GLOBAL, FUNC), TEXT },
		{ "__memmove@@V1", 0x1030, 8, INFO(GLOBAL, FUNC), TEXT },
	};
	struct symbols *table = read_rows(rows, ARRAY_SIZE(rows));

	expect_named(table, "wait", 0x1010);
	expect_named(table, "wait@V1", 0x1000);
	expect_named(table, "wait@V2", 0x1010);
	expect_at(table, 0x1000, "wait");
	expect_at(table, 0x1030, "__memmove");
	symbols_free(table);
}

/* The file itself, and one version: as linkers lay them out, in this machine's byte order. */
struct definitions {
	Elf64_Verdef file;
	Elf64_Verdaux file_name;
	Elf64_Verdef own;
	Elf64_Verdaux own_name;
};

struct versions {
	uint16_t numbers[8];
	struct definitions definitions;
};

static const struct row versioned_rows[] = {
	{ "wait", 0x1000, 8, INFO(GLOBAL, FUNC), TEXT }, { "wait", 0x1010, 8, INFO(GLOBAL, FUNC), TEXT },
	{ "base", 0x1020, 8, INFO(GLOBAL, FUNC), TEXT }, { "odd", 0x1030, 8, INFO(GLOBAL, FUNC), TEXT },
	{ "V2", 0x1040, 8, INFO(GLOBAL, FUNC), TEXT },
};

static struct versions init_versions(struct draft *draft)
{
	init_draft(draft, versioned_rows, ARRAY_SIZE(versioned_rows));
	draft->sections[SYMBOLS - 1].sh_type = SHT_DYNSYM;
	draft->sections[VERSIONS - 1] = (Elf64_Shdr){ .sh_type = SHT_GNU_versym,
						      .sh_offset = NOTE_AT,
						      .sh_size = 2 * ARRAY_SIZE(versioned_rows),
						      .sh_link = SYMBOLS,
						      .sh_entsize = 2,
						      .sh_addralign = 2 };
	draft->sections[DEFINITIONS - 1] =
		(Elf64_Shdr){ .sh_type = SHT_GNU_verdef,
			      .sh_offset = NOTE_AT + offsetof(struct versions, definitions),
			      .sh_size = sizeof(struct definitions),
			      .sh_link = NAMES,
			      .sh_addralign = 4 };
	return (struct versions){
		.numbers = { 0x8002, 3, 1, 0x7000, 0 },
		.definitions = {
			.file = { .vd_version = 1, .vd_flags = VER_FLG_BASE, .vd_ndx = 1, .vd_cnt = 1,
				  .vd_aux = sizeof(Elf64_Verdef), .vd_next = offsetof(struct definitions, own) },
			.own = { .vd_version = 1, .vd_ndx = 3, .vd_cnt = 1, .vd_aux = sizeof(Elf64_Verdef) },
			.own_name = { .vda_name = draft->symbols[4].st_name },
		},
	};
}

static struct symbols *read_versions(struct draft *draft, const struct versions *versions)
{
	draft->file.note = versions;
	draft->file.note_len = sizeof(*versions);
	return read_draft(draft);
}

Test(symbols, versions_by_number)
{
	struct draft draft;
	struct versions versions = init_versions(&draft);
	struct symbols *table = read_versions(&draft, &versions);

	expect_named(table, "wait", 0x1010);
	expect_version(symbols_at(table, 0x1000), NULL, true);
	expect_version(symbols_at(table, 0x1010), "V2", false);
	expect_version(symbols_at(table, 0x1020), NULL, false);
	expect_version(symbols_at(table, 0x1030), NULL, false);
	expect_named(table, "wait@V2", 0x1010);
	expect_named(table, "wait@@V2", 0x1010);
	cr_expect_null(symbols_named(table, "wait@V1"));
	symbols_free(table);
}

Test(symbols, versions_that_cannot_be)
{
	static const uint32_t steps[] = { 0, 1, 4, 20, 36, 56, UINT32_MAX, UINT32_MAX - 3 };

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		struct draft draft;
		struct versions versions = init_versions(&draft);

		versions.definitions.file.vd_next = steps[i];
		versions.definitions.own.vd_aux = steps[i];
		versions.definitions.own.vd_next = steps[i];
		versions.definitions.own_name.vda_name = UINT32_MAX;
		symbols_free(read_versions(&draft, &versions));
		draft.sections[DEFINITIONS - 1].sh_type = SHT_GNU_verneed;
		symbols_free(read_versions(&draft, &versions));
		draft.sections[DEFINITIONS - 1].sh_size = UINT64_MAX;
		draft.sections[VERSIONS - 1].sh_size = 2;
		symbols_free(read_versions(&draft, &versions));
	}
}

/* ---- files without section headers ---- */

#define BASE 0x10000 /* where the file's first byte is in memory */

/* What the program headers point to. */
struct dynamic_part {
	Elf64_Dyn entries[9];
	uint32_t hash[4];
	uint32_t gnu_hash[13];
	uint16_t versions[8];
};

static const struct row dynamic_rows[] = {
	{ "imported", 0, 0, INFO(GLOBAL, FUNC), SHN_UNDEF },
	{ "f", BASE + 0x1000, 8, INFO(GLOBAL, FUNC), 9 },
	{ "f", BASE + 0x1010, 8, INFO(GLOBAL, FUNC), 9 },
	{ "label", BASE + 0x1020, 0, INFO(GLOBAL, NOTYPE), 9 },
	{ "data", BASE + 0x24000, 0, INFO(WEAK, OBJECT), 10 },
	{ "outside", BASE + 0x90000, 8, INFO(WEAK, OBJECT), 10 },
};

static const Elf64_Phdr dynamic_segments[] = {
	{ .p_type = PT_LOAD,
	  .p_offset = 0,
	  .p_vaddr = BASE,
	  .p_filesz = ELF_FILE_SIZE,
	  .p_memsz = 0x2000,
	  .p_flags = PF_R | PF_X },
	{ .p_type = PT_LOAD,
	  .p_offset = 0,
	  .p_vaddr = BASE + 0x24000,
	  .p_memsz = 0x100,
	  .p_flags = PF_R | PF_W },
	{ .p_type = PT_DYNAMIC,
	  .p_offset = NOTE_AT,
	  .p_vaddr = BASE + NOTE_AT,
	  .p_filesz = sizeof(((struct dynamic_part *)0)->entries),
	  .p_memsz = sizeof(((struct dynamic_part *)0)->entries) },
};

enum { D_SYMTAB, D_STRTAB, D_STRSZ, D_HASH, D_GNU_HASH, D_VERSYM };

static struct dynamic_part init_dynamic(struct draft *draft)
{
	const uint64_t at = BASE + NOTE_AT;

	init_draft(draft, dynamic_rows, ARRAY_SIZE(dynamic_rows));
	draft->file.n_sections = 0;
	draft->file.segments = dynamic_segments;
	draft->file.n_segments = ARRAY_SIZE(dynamic_segments);
	return (struct dynamic_part){
		.entries = {
			[D_SYMTAB] = { DT_SYMTAB, { BASE + SYMBOLS_AT } },
			[D_STRTAB] = { DT_STRTAB, { BASE + NAMES_AT } },
			[D_STRSZ] = { DT_STRSZ, { draft->file.names_len } },
			[D_HASH] = { DT_HASH, { at + offsetof(struct dynamic_part, hash) } },
			[D_GNU_HASH] = { DT_GNU_HASH, { at + offsetof(struct dynamic_part, gnu_hash) } },
			[D_VERSYM] = { DT_VERSYM, { at + offsetof(struct dynamic_part, versions) } },
		},
		.hash = { 1, ARRAY_SIZE(dynamic_rows) },
		/* two buckets, which begin at 1 and 3; symbols from 1 on; one word of filter; a shift */
		.gnu_hash = { 2, 1, 1, 0, 0, 0, 1, 3, 2, 3, 2, 2, 3 },
		.versions = { 0, 0x8002, 3, 1, 1, 1 },
	};
}

static struct symbols *read_dynamic(struct draft *draft, const struct dynamic_part *part)
{
	draft->file.note = part;
	draft->file.note_len = sizeof(*part);
	return read_draft(draft);
}

static void expect_dynamic(const struct symbols *table)
{
	cr_expect_eq(table->n, 4);
	cr_expect_not(table->is_full);
	expect_at(table, BASE + 0x1000, "f");
	expect_at(table, BASE + 0x1020, "label");
	expect_at(table, BASE + 0x1021, NULL);
	expect_at(table, BASE + 0x240ff, "data");
	expect_at(table, BASE + 0x24100, NULL);
	expect_at(table, BASE + 0x90000, NULL);
	expect_named(table, "f", BASE + 0x1010);
}

Test(symbols, dynamic_ones_without_section_headers)
{
	static const int gone[] = { -1, D_HASH, D_GNU_HASH };

	for (size_t i = 0; i < ARRAY_SIZE(gone); i++) {
		struct draft draft;
		struct dynamic_part part = init_dynamic(&draft);
		struct symbols *table;

		if (gone[i] >= 0)
			part.entries[gone[i]].d_tag = DT_DEBUG;
		table = read_dynamic(&draft, &part);
		expect_dynamic(table);
		symbols_free(table);
	}
}

/* Without hash tables, the symbols end where the strings begin. */
Test(symbols, dynamic_ones_without_any_table)
{
	struct draft draft;
	struct dynamic_part part = init_dynamic(&draft);
	struct symbols *table;

	part.entries[D_HASH].d_tag = part.entries[D_GNU_HASH].d_tag = DT_DEBUG;
	part.entries[D_VERSYM].d_un.d_val = 0;
	draft.symbols[1].st_name = 0;
	table = read_dynamic(&draft, &part);
	cr_expect_eq(table->n, 3);
	expect_at(table, BASE + 0x1010, "f");
	symbols_free(table);
}

Test(symbols, dynamic_sections_that_cannot_be)
{
	static const uint64_t values[] = { 0, 1, BASE, BASE + ELF_FILE_SIZE - 1, BASE + 0x24000, UINT64_MAX };

	for (size_t i = 0; i < ARRAY_SIZE(values) * 8; i++) {
		struct draft draft;
		struct dynamic_part part = init_dynamic(&draft);

		if (i % 8 <= D_VERSYM)
			part.entries[i % 8].d_un.d_val = values[i / 8];
		else if (i % 8 == 6)
			memset(part.hash, (int)values[i / 8], sizeof(part.hash));
		if (i % 8 >= D_GNU_HASH)
			part.entries[D_HASH].d_tag = DT_DEBUG;
		if (i % 8 == 7)
			memset(part.gnu_hash, (int)values[i / 8], sizeof(part.gnu_hash));
		symbols_free(read_dynamic(&draft, &part));
	}
}

/* ---- function descriptors ---- */

#define OPD_AT 0x25000

static const Elf64_Phdr opd_segment = {
	.p_type = PT_LOAD, .p_offset = NOTE_AT, .p_vaddr = OPD_AT, .p_filesz = 48, .p_memsz = 0x1000
};

static const struct row opd_rows[] = {
	{ "f", OPD_AT, 0x20, INFO(GLOBAL, FUNC), VERSIONS },
	{ "unsized", OPD_AT + 24, 0, INFO(LOCAL, FUNC), VERSIONS },
	{ "inside", OPD_AT + 4, 8, INFO(GLOBAL, FUNC), VERSIONS },
	{ "behind", OPD_AT + 48, 8, INFO(GLOBAL, FUNC), VERSIONS },
	{ "table", OPD_AT, 8, INFO(GLOBAL, OBJECT), VERSIONS },
	{ "code", 0x1100, 8, INFO(GLOBAL, FUNC), TEXT },
};

/* Two descriptors, of code at 0x1000 and 0x1040. */
static const unsigned char opd[48] = { [6] = 0x10, [30] = 0x10, [31] = 0x40 };

static struct symbols *read_opd(unsigned machine)
{
	struct draft draft;

	init_draft(&draft, opd_rows, ARRAY_SIZE(opd_rows));
	draft.file.big_endian = true;
	draft.file.machine = machine;
	draft.file.segments = &opd_segment;
	draft.file.n_segments = 1;
	draft.file.note = opd;
	draft.file.note_len = sizeof(opd);
	draft.sections[TEXT - 1].sh_flags |= SHF_EXECINSTR;
	draft.sections[VERSIONS - 1] = (Elf64_Shdr){ .sh_type = SHT_PROGBITS,
						     .sh_flags = SHF_ALLOC | SHF_WRITE,
						     .sh_addr = OPD_AT,
						     .sh_offset = NOTE_AT,
						     .sh_size = sizeof(opd) };
	return read_draft(&draft);
}

Test(symbols, functions_by_descriptor)
{
	struct symbols *table = read_opd(EM_PPC64);

	expect_at(table, 0x1000, "f");
	expect_at(table, 0x101f, "f");
	expect_at(table, 0x1020, NULL);
	expect_at(table, 0x1040, "unsized");
	expect_at(table, 0x1041, NULL);
	expect_at(table, 0x1100, "code");
	expect_at(table, OPD_AT, "table");
	expect_named(table, "f", 0x1000);
	expect_named(table, "behind", OPD_AT + 48);
	symbols_free(table);

	table = read_opd(EM_S390);
	expect_named(table, "f", OPD_AT);
	symbols_free(table);
}

/* ---- hostile files ---- */

static const struct row one_row[] = { { "function", 0x1200, 4, INFO(GLOBAL, FUNC), TEXT } };

static void expect_empty(const struct draft *draft)
{
	struct symbols *table = read_draft(draft);

	cr_expect_eq(table->n, 0);
	expect_at(table, 0x1200, NULL);
	cr_expect_null(symbols_named(table, "function"));
	symbols_free(table);
}

Test(symbols, sections_that_cannot_be)
{
	static const struct {
		unsigned section;
		Elf64_Shdr spoilt;
	} cases[] = {
		{ SYMBOLS, { .sh_type = SHT_SYMTAB, .sh_offset = SYMBOLS_AT, .sh_link = NAMES } },
		{ SYMBOLS, { .sh_type = SHT_SYMTAB, .sh_offset = 1 << 20, .sh_size = 24, .sh_link = NAMES } },
		{ SYMBOLS,
		  { .sh_type = SHT_SYMTAB, .sh_offset = 0, .sh_size = UINT64_MAX, .sh_link = NAMES } },
		{ SYMBOLS,
		  { .sh_type = SHT_SYMTAB, .sh_offset = SYMBOLS_AT, .sh_size = 24, .sh_link = SYMBOLS } },
		{ SYMBOLS, { .sh_type = SHT_SYMTAB, .sh_offset = SYMBOLS_AT, .sh_size = 24, .sh_link = 99 } },
		{ NAMES, { .sh_type = SHT_NOBITS, .sh_offset = NAMES_AT, .sh_size = 16 } },
		{ NAMES, { .sh_type = SHT_STRTAB, .sh_offset = UINT64_MAX - 8, .sh_size = 16 } },
		{ NAMES,
		  { .sh_type = SHT_STRTAB,
		    .sh_flags = SHF_COMPRESSED,
		    .sh_offset = NAMES_AT,
		    .sh_size = 16 } },
		{ NAMES, { .sh_type = SHT_STRTAB, .sh_offset = NAMES_AT, .sh_size = 1 } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct draft draft;

		init_draft(&draft, one_row, ARRAY_SIZE(one_row));
		draft.sections[cases[i].section - 1] = cases[i].spoilt;
		expect_empty(&draft);
	}
}

Test(symbols, names_that_cannot_be)
{
	struct draft draft;
	struct symbols *table;

	init_draft(&draft, one_row, ARRAY_SIZE(one_row));
	draft.symbols[0].st_name = UINT32_MAX;
	expect_empty(&draft);

	init_draft(&draft, one_row, ARRAY_SIZE(one_row));
	draft.sections[NAMES - 1].sh_size = strlen("fun") + 1; /* no NUL after the first byte */
	table = read_draft(&draft);
	expect_at(table, 0x1200, "fun");
	symbols_free(table);
}

Test(symbols, overlapping_names_are_read_so_often_only)
{
	struct draft draft;
	struct symbols *table;

	init_draft(&draft, one_row, ARRAY_SIZE(one_row));
	memset(draft.names + 1, 'x', 200);
	draft.sections[NAMES - 1].sh_size = draft.file.names_len = 202;
	for (size_t i = 1; i < ROWS_MAX; i++)
		draft.symbols[i] = draft.symbols[0];
	set_table_size(&draft, ROWS_MAX);
	table = read_draft(&draft);
	cr_expect_eq(table->n, 64);
	symbols_free(table);
}

Test(symbols, sizes_that_cannot_be)
{
	struct draft draft;
	struct symbols *table;

	init_draft(&draft, one_row, ARRAY_SIZE(one_row));
	draft.symbols[0].st_size = UINT64_MAX;
	table = read_draft(&draft);
	expect_at(table, 0x11ff, NULL);
	expect_at(table, UINT64_MAX - 1, "function");
	symbols_free(table);
}

Test(symbols, no_elf_file)
{
	static const char text[] = "#!/bin/sh\n";
	struct symbols *table = NULL;
	_cleanup_close_ int fd = memfd_create("script", MFD_CLOEXEC);

	cr_expect_eq(symbols_read(fd, DEBUGDATA_SIZE_MAX, &table), -ENOEXEC);
	cr_assert_eq(write(fd, text, sizeof(text)), (ssize_t)sizeof(text));
	cr_expect_eq(symbols_read(fd, DEBUGDATA_SIZE_MAX, &table), -ENOEXEC);
	cr_expect_eq(symbols_parse(text, sizeof(text), &table), -ENOEXEC);
	cr_expect_eq(symbols_read(-1, DEBUGDATA_SIZE_MAX, &table), -ENOEXEC);
	cr_expect_null(table);
}
