/* SPDX-License-Identifier: MIT */
#include "elf/symtab.h"

#include <string.h>

#include "base/mem.h"
#include "base/range.h"

/*
 * More symbols or names than any linker makes. libelf checks sections against the size of the file,
 * but a sparse file can be as large as it likes.
 */
#define SECTION_SIZE_MAX (UINT64_C(256) << 20)

/* Bytes of version tables, whose size no entry gives. */
#define VERSIONS_SIZE_MAX (64 << 10)

/* How many times the bytes of all names may be read: names overlap where one is the end of another. */
#define NAMES_READ_MAX 64

/* Longer than the longest names of C++ templates: whoever shows a name makes a copy for each place. */
#define NAME_LEN_MAX ((size_t)64 << 10)

static const char *const marks[EM_NUM] = {
	[EM_ARM] = "atd",
	[EM_AARCH64] = "xd",
	[EM_RISCV] = "xd",
};

static const struct {
	bool has_address;
	enum symbol_type type;
} types[] = {
	[STT_NOTYPE] = { true, SYMBOL_UNTYPED },     [STT_OBJECT] = { true, SYMBOL_DATA },
	[STT_FUNC] = { true, SYMBOL_FUNCTION },	     [STT_COMMON] = { true, SYMBOL_DATA },
	[STT_GNU_IFUNC] = { true, SYMBOL_FUNCTION },
};

static const enum symbol_binding bindings[] = {
	[STB_LOCAL] = SYMBOL_LOCAL,
	[STB_GLOBAL] = SYMBOL_GLOBAL,
	[STB_WEAK] = SYMBOL_WEAK,
	[STB_GNU_UNIQUE] = SYMBOL_GLOBAL,
};

static size_t symbol_size(Elf *elf)
{
	return gelf_fsize(elf, ELF_T_SYM, 1, EV_CURRENT);
}

/* The contents of a section; NULL unless they are in the file, uncompressed. */
static Elf_Data *section_data(Elf_Scn *scn, const GElf_Shdr *shdr)
{
	Elf_Data *data;

	if (shdr->sh_type == SHT_NOBITS || (shdr->sh_flags & SHF_COMPRESSED) ||
	    shdr->sh_size > SECTION_SIZE_MAX)
		return NULL;
	data = elf_getdata(scn, NULL);
	return data && data->d_buf && data->d_size > 0 ? data : NULL;
}

static Elf_Data *string_data(Elf *elf, size_t index)
{
	Elf_Scn *scn = elf_getscn(elf, index);
	GElf_Shdr shdr;

	if (!scn || !gelf_getshdr(scn, &shdr) || shdr.sh_type != SHT_STRTAB)
		return NULL;
	return section_data(scn, &shdr);
}

/* The contents of the section of a type (SHT_…) that belongs to a symbol table, or to its strings. */
static Elf_Data *companion_data(Elf *elf, unsigned type, size_t link)
{
	GElf_Shdr shdr;

	for (Elf_Scn *scn = NULL; (scn = elf_nextscn(elf, scn));)
		if (gelf_getshdr(scn, &shdr) && shdr.sh_type == type && shdr.sh_link == link)
			return section_data(scn, &shdr);
	return NULL;
}

static void find_versions(struct symtab *table, size_t index, size_t strings)
{
	Elf_Data *numbers = companion_data(table->elf, SHT_GNU_versym, index);

	if (numbers)
		symbol_versions_init(
			&table->versions, numbers, companion_data(table->elf, SHT_GNU_verdef, strings),
			companion_data(table->elf, SHT_GNU_verneed, strings), table->names, table->names_len);
}

static void set_names(struct symtab *table, const Elf_Data *strings)
{
	table->names = mem_copy(strings->d_buf, strings->d_size);
	table->names_len = strings->d_size;
	table->budget = table->names_len * NAMES_READ_MAX;
}

static bool set_table(struct symtab *table, Elf_Scn *scn, const GElf_Shdr *shdr)
{
	Elf_Data *strings = string_data(table->elf, shdr->sh_link);

	table->entries = section_data(scn, shdr);
	if (!table->entries || !strings)
		return false;
	table->indices = companion_data(table->elf, SHT_SYMTAB_SHNDX, elf_ndxscn(scn));
	table->n = table->entries->d_size / symbol_size(table->elf);
	set_names(table, strings);
	table->has_sections = true;
	if (shdr->sh_type == SHT_DYNSYM)
		find_versions(table, elf_ndxscn(scn), shdr->sh_link);
	else
		table->has_suffixes = memchr(table->names, '@', table->names_len);
	return true;
}

static Elf_Scn *find_section_of_type(Elf *elf, unsigned type, GElf_Shdr *ret)
{
	for (Elf_Scn *scn = NULL; (scn = elf_nextscn(elf, scn));)
		if (gelf_getshdr(scn, ret) && ret->sh_type == type)
			return scn;
	return NULL;
}

static bool init_table(struct symtab *table, Elf *elf)
{
	GElf_Ehdr ehdr;

	*table = (struct symtab){ .elf = elf };
	if (!gelf_getehdr(elf, &ehdr))
		return false;
	table->machine = ehdr.e_machine;
	return true;
}

bool symtab_find(struct symtab *table, Elf *elf, Elf *main, unsigned type)
{
	Elf_Scn *scn;
	GElf_Shdr shdr;

	if (!init_table(table, elf))
		return false;
	table->is_full = type == SHT_SYMTAB;
	scn = find_section_of_type(elf, type, &shdr);
	if (!scn || !set_table(table, scn, &shdr))
		return false;
	descriptors_init(&table->descriptors, elf, main);
	return true;
}

/* The data that an entry of the dynamic section points to; NULL: none. */
static Elf_Data *find_data(const struct dynamic *dynamic, int64_t tag, uint64_t max, Elf_Type type)
{
	uint64_t addr;

	return dynamic_value(dynamic, tag, &addr) ? dynamic_data(dynamic, addr, max, type) : NULL;
}

static bool set_dynamic_table(struct symtab *table)
{
	const struct dynamic *dynamic = &table->dynamic;
	uint64_t names_len = 0;
	size_t n = dynamic_count_symbols(dynamic);
	Elf_Data *strings;

	dynamic_value(dynamic, DT_STRSZ, &names_len);
	strings = find_data(dynamic, DT_STRTAB, MIN(names_len, SECTION_SIZE_MAX), ELF_T_BYTE);
	table->entries =
		find_data(dynamic, DT_SYMTAB, MIN(n * symbol_size(table->elf), SECTION_SIZE_MAX), ELF_T_SYM);
	if (!table->entries || !strings)
		return false;
	table->n = table->entries->d_size / symbol_size(table->elf);
	set_names(table, strings);
	symbol_versions_init(&table->versions, find_data(dynamic, DT_VERSYM, 2 * table->n, ELF_T_HALF),
			     find_data(dynamic, DT_VERDEF, VERSIONS_SIZE_MAX, ELF_T_VDEF),
			     find_data(dynamic, DT_VERNEED, VERSIONS_SIZE_MAX, ELF_T_VNEED), table->names,
			     table->names_len);
	return true;
}

bool symtab_find_dynamic(struct symtab *table, Elf *elf)
{
	if (!init_table(table, elf))
		return false;
	dynamic_init(&table->dynamic, elf);
	if (!set_dynamic_table(table)) {
		dynamic_done(&table->dynamic);
		return false;
	}
	descriptors_init(&table->descriptors, elf, NULL);
	return true;
}

size_t symtab_count(Elf *elf, unsigned type)
{
	GElf_Shdr shdr;

	if (!find_section_of_type(elf, type, &shdr))
		return 0;
	return shdr.sh_size / symbol_size(elf);
}

void symtab_done(struct symtab *table)
{
	symbol_versions_done(&table->versions);
	dynamic_done(&table->dynamic);
	descriptors_done(&table->descriptors);
}

/* The name of a symbol; NULL if it has none. */
static const char *read_name(struct symtab *table, const GElf_Sym *sym)
{
	const char *name = table->names + sym->st_name;
	size_t len;

	if (sym->st_name >= table->names_len)
		return NULL;
	len = strnlen(name, MIN(table->budget, NAME_LEN_MAX) + 1);
	table->has_unread_names |= len > MIN(table->budget, NAME_LEN_MAX);
	if (len > table->budget) {
		table->budget = 0;
		return NULL;
	}
	table->budget -= len;
	return len > 0 && len <= NAME_LEN_MAX ? name : NULL;
}

static bool is_mark(const struct symtab *table, const GElf_Sym *sym, const char *name)
{
	const char *letters = table->machine < EM_NUM ? marks[table->machine] : NULL;

	/* After the letter: nothing, a suffix, or (RISC-V) the instruction set. */
	return letters && sym->st_info == GELF_ST_INFO(STB_LOCAL, STT_NOTYPE) && name[0] == '$' && name[1] &&
	       strchr(letters, name[1]) && (!name[2] || name[2] == '.' || name[2] == 'r');
}

static uint64_t saturating_add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static struct symbol_bounds bounds_of_section(Elf *elf, uint32_t index)
{
	GElf_Shdr shdr;

	if (!gelf_getshdr(elf_getscn(elf, index), &shdr) || !(shdr.sh_flags & SHF_ALLOC) ||
	    !range_fits(shdr.sh_addr, shdr.sh_size, UINT64_MAX))
		return (struct symbol_bounds){ 0 };
	return (struct symbol_bounds){
		.is_loaded = true,
		.start = shdr.sh_addr,
		.end = shdr.sh_addr + shdr.sh_size,
		.is_code = shdr.sh_flags & SHF_EXECINSTR,
	};
}

static struct symbol_bounds bounds_of_segment(const struct symtab *table, uint64_t addr)
{
	const struct load *load = dynamic_load(&table->dynamic, addr);

	if (!load)
		return (struct symbol_bounds){ 0 };
	return (struct symbol_bounds){
		.is_loaded = true, .start = load->start, .end = load->end, .is_code = load->is_code
	};
}

/* The section or segment that a symbol is defined in, if that is loaded; else NULL. */
static const struct symbol_bounds *find_bounds(struct symtab *table, const GElf_Sym *sym, uint32_t index)
{
	if (sym->st_shndx != SHN_XINDEX) {
		if (sym->st_shndx == SHN_UNDEF || sym->st_shndx >= SHN_LORESERVE)
			return NULL;
		index = sym->st_shndx;
	}
	if (!table->has_sections) {
		table->bounds = bounds_of_segment(table, sym->st_value);
	} else if (index != table->section_index) {
		/* Most symbols are in the same section as the symbol before them. */
		table->section_index = index;
		table->bounds = bounds_of_section(table->elf, index);
	}
	return table->bounds.is_loaded ? &table->bounds : NULL;
}

/*
 * The end of a symbol with a size; without one, the end of its section or segment, or its own
 * address if it lies outside. In a table of what other modules may use, code without a size has
 * only its first byte: a function may follow that is not in the table.
 */
static uint64_t latest_end(const struct symtab *table, const struct symbol *symbol,
			   const struct symbol_bounds *bounds)
{
	if (symbol->size > 0)
		return saturating_add(symbol->value, symbol->size);
	if (symbol->value < bounds->start || symbol->value >= bounds->end)
		return symbol->value;
	return table->is_full || !bounds->is_code ? bounds->end : symbol->value + 1;
}

/* A function outside of code is a descriptor. Only its size tells where its code ends. */
static void follow_descriptor(struct symtab *table, const struct symbol_bounds *bounds, struct symbol *symbol)
{
	uint64_t code;

	if (bounds->is_code || symbol->type != SYMBOL_FUNCTION ||
	    !descriptors_code(&table->descriptors, bounds->start, bounds->end, symbol->value, &code))
		return;
	symbol->value = code;
	symbol->end = saturating_add(code, MAX(symbol->size, 1));
}

bool symtab_read(struct symtab *table, size_t i, struct symbol *ret)
{
	const char *name;
	const struct symbol_bounds *bounds;
	GElf_Sym sym;
	Elf32_Word index = 0;
	unsigned type, binding;

	if (!gelf_getsymshndx(table->entries, table->indices, (int)i, &sym, &index))
		return false;
	type = GELF_ST_TYPE(sym.st_info);
	binding = GELF_ST_BIND(sym.st_info);
	if (type >= ARRAY_SIZE(types) || !types[type].has_address)
		return false;
	bounds = find_bounds(table, &sym, index);
	if (!bounds)
		return false;
	name = read_name(table, &sym);
	if (!name || is_mark(table, &sym, name))
		return false;
	*ret = (struct symbol){
		.value = sym.st_value,
		.size = sym.st_size,
		.name = name,
		.binding = binding < ARRAY_SIZE(bindings) ? (uint8_t)bindings[binding] : SYMBOL_LOCAL,
		.type = (uint8_t)types[type].type,
	};
	/* Bit 0 says which instruction set the function is in. */
	if (table->machine == EM_ARM && types[type].type == SYMBOL_FUNCTION)
		ret->value &= ~UINT64_C(1);
	ret->end = latest_end(table, ret, bounds);
	if (table->descriptors.are_used)
		follow_descriptor(table, bounds, ret);
	if (table->versions.numbers)
		symbol_versions_set(&table->versions, i, ret);
	/* Few names have a version, even here. */
	return !table->has_suffixes || !strchr(name, '@') || symbol_version_split(ret);
}
