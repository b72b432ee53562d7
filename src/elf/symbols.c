/* SPDX-License-Identifier: MIT */
#include "elf/symbols.h"

#include <errno.h>
#include <gelf.h>
#include <string.h>

#include "base/mem.h"
#include "elf/handle.h"

/*
 * More than any linker makes of symbols or of names. libelf checks sections against the size of
 * the file, but a file with holes is as large as it likes to be.
 */
#define SECTION_SIZE_MAX (UINT64_C(256) << 20)

/* How often over the bytes of all names may be read: names overlap where one is the end of another. */
#define NAMES_READ_MAX 64

/* A symbol table while it is read. */
struct source {
	Elf *elf;
	unsigned machine;
	Elf_Data *entries;
	Elf_Data *indices; /* of sections, where there are too many for an entry; NULL: not so */
	const char *names;
	size_t names_len;
	size_t budget; /* of bytes of names: those of a hostile file overlap until nobody can compare them */
};

static const char *const marks[EM_NUM] = {
	[EM_ARM] = "atd",
	[EM_AARCH64] = "xd",
	[EM_RISCV] = "xd",
};

static const struct {
	bool is_place;
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

/* ---- reading ---- */

/* What a section holds; NULL unless it lies in the file as it is. */
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

static Elf_Data *index_data(Elf *elf, size_t table)
{
	GElf_Shdr shdr;

	for (Elf_Scn *scn = NULL; (scn = elf_nextscn(elf, scn));)
		if (gelf_getshdr(scn, &shdr) && shdr.sh_type == SHT_SYMTAB_SHNDX && shdr.sh_link == table)
			return section_data(scn, &shdr);
	return NULL;
}

/* Finds the table of a type (SHT_…), and what belongs to it. */
static bool find_source(Elf *elf, unsigned type, struct source *source)
{
	Elf_Data *strings;
	GElf_Shdr shdr;

	for (Elf_Scn *scn = NULL; (scn = elf_nextscn(elf, scn));) {
		if (!gelf_getshdr(scn, &shdr) || shdr.sh_type != type)
			continue;
		source->entries = section_data(scn, &shdr);
		strings = string_data(elf, shdr.sh_link);
		if (!source->entries || !strings)
			return false;
		source->indices = index_data(elf, elf_ndxscn(scn));
		source->names = strings->d_buf;
		source->names_len = strings->d_size;
		return true;
	}
	return false;
}

/* The name of a symbol; NULL when it has none. */
static const char *read_name(struct source *source, const GElf_Sym *sym)
{
	const char *name = source->names + sym->st_name;
	size_t len;

	if (sym->st_name >= source->names_len)
		return NULL;
	len = strlen(name);
	if (len == 0 || len > source->budget)
		return NULL;
	source->budget -= len;
	return name;
}

static bool is_mark(const struct source *source, const GElf_Sym *sym, const char *name)
{
	const char *letters = source->machine < EM_NUM ? marks[source->machine] : NULL;

	/* Behind the letter: nothing, a suffix, or (RISC-V) the instruction set. */
	return letters && sym->st_info == GELF_ST_INFO(STB_LOCAL, STT_NOTYPE) && name[0] == '$' && name[1] &&
	       strchr(letters, name[1]) && (!name[2] || name[2] == '.' || name[2] == 'r');
}

/* The section that a symbol is defined in, when it is one that is loaded. */
static bool read_section(const struct source *source, const GElf_Sym *sym, uint32_t index, GElf_Shdr *ret)
{
	if (sym->st_shndx != SHN_XINDEX && (sym->st_shndx == SHN_UNDEF || sym->st_shndx >= SHN_LORESERVE))
		return false;
	if (sym->st_shndx != SHN_XINDEX)
		index = sym->st_shndx;
	return gelf_getshdr(elf_getscn(source->elf, index), ret) && (ret->sh_flags & SHF_ALLOC);
}

static uint64_t saturating_add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* Of a symbol with a size its end; of another that of its section, or nothing of it. */
static uint64_t latest_end(const struct symbol *symbol, const GElf_Shdr *section)
{
	uint64_t end = saturating_add(section->sh_addr, section->sh_size);

	if (symbol->size > 0)
		return saturating_add(symbol->value, symbol->size);
	return symbol->value >= section->sh_addr && symbol->value < end ? end : symbol->value;
}

/* One entry of the table; false when it is none of ours. */
static bool read_symbol(struct source *source, int i, struct symbol *ret)
{
	const char *name;
	GElf_Shdr section;
	GElf_Sym sym;
	Elf32_Word index = 0;
	unsigned type, binding;

	if (!gelf_getsymshndx(source->entries, source->indices, i, &sym, &index))
		return false;
	type = GELF_ST_TYPE(sym.st_info);
	binding = GELF_ST_BIND(sym.st_info);
	if (type >= ARRAY_SIZE(types) || !types[type].is_place ||
	    !read_section(source, &sym, index, &section))
		return false;
	name = read_name(source, &sym);
	if (!name || is_mark(source, &sym, name))
		return false;
	*ret = (struct symbol){
		.value = sym.st_value,
		.size = sym.st_size,
		.name = name,
		.binding = binding < ARRAY_SIZE(bindings) ? (uint8_t)bindings[binding] : SYMBOL_LOCAL,
		.type = (uint8_t)types[type].type,
	};
	/* Bit 0 says which instruction set the function is in. */
	if (source->machine == EM_ARM && types[type].type == SYMBOL_FUNCTION)
		ret->value &= ~UINT64_C(1);
	ret->end = latest_end(ret, &section);
	return true;
}

/* ---- order ---- */

/*
 * Larger is better, as in compare_places(). What a C library's users call waitpid is its own
 * __waitpid under a weak name.
 */
static int compare_names(const struct symbol *a, const struct symbol *b)
{
	size_t x = strspn(a->name, "_");
	size_t y = strspn(b->name, "_");

	if ((a->binding == SYMBOL_LOCAL) != (b->binding == SYMBOL_LOCAL))
		return a->binding == SYMBOL_LOCAL ? -1 : 1;
	if (x != y)
		return x < y ? 1 : -1;
	if (a->binding != b->binding)
		return a->binding < b->binding ? -1 : 1;
	x = strlen(a->name);
	y = strlen(b->name);
	if (x != y)
		return x < y ? 1 : -1;
	return strcmp(b->name, a->name);
}

static int compare_places(const void *a, const void *b)
{
	const struct symbol *x = a;
	const struct symbol *y = b;
	int r;

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	if ((x->size > 0) != (y->size > 0))
		return x->size > 0 ? 1 : -1;
	r = x->name == y->name && x->binding == y->binding ? 0 : compare_names(x, y);
	return r != 0 ? r : (x->size < y->size) - (x->size > y->size);
}

/*
 * Ends what has no size of its own; until now its `end` is that of its section. Several at one
 * place leave each other alone: they may be of several sections, with something in one of them.
 */
static void end_unsized(struct symbols *table)
{
	uint64_t covered = 0; /* by sized symbols, up to here */
	size_t next = 0;      /* the first one that an unsized one gives way to */

	for (size_t i = 0; i < table->n; i++) {
		struct symbol *s = &table->items[i];

		while (next < table->n &&
		       (next <= i || (table->items[next].value == s->value && table->items[next].size == 0)))
			next++;
		if (s->size > 0)
			covered = MAX(covered, s->end);
		else if (s->value < covered)
			s->end = s->value;
		else if (next < table->n)
			s->end = MIN(s->end, table->items[next].value);
	}
}

/* Of the symbols before one, only those that end behind it can be what lies around it. */
static void find_outer(struct symbols *table)
{
	for (size_t i = 0; i < table->n; i++) {
		uint32_t outer = i > 0 ? (uint32_t)(i - 1) : NO_SYMBOL;

		while (outer != NO_SYMBOL && table->items[outer].end <= table->items[i].end)
			outer = table->items[outer].outer;
		table->items[i].outer = outer;
	}
}

static void put_in_order(struct symbols *table)
{
	if (table->n > 0)
		qsort(table->items, table->n, sizeof(*table->items), compare_places);
	end_unsized(table);
	find_outer(table);
}

/* ---- the table ---- */

static void add_symbols(struct symbols *table, struct source *source)
{
	size_t n = source->entries->d_size / gelf_fsize(source->elf, ELF_T_SYM, 1, EV_CURRENT);

	table->items = mem_realloc(NULL, MAX(n, 1), sizeof(*table->items));
	for (size_t i = 0; i < n; i++)
		if (read_symbol(source, (int)i, &table->items[table->n]))
			table->n++;
}

/* The symbols of one table of the file (SHT_…), when there are any. */
static struct symbols *read_table(Elf *elf, const GElf_Ehdr *ehdr, unsigned type)
{
	struct source source = { .elf = elf, .machine = ehdr->e_machine };
	struct symbols *table = mem_alloc(sizeof(*table));

	table->is_full = type == SHT_SYMTAB;
	if (find_source(elf, type, &source)) {
		/* With a NUL behind the last name, which need not have one. */
		table->names = mem_copy(source.names, source.names_len);
		source.names = table->names;
		source.budget = source.names_len * NAMES_READ_MAX;
		add_symbols(table, &source);
		put_in_order(table);
	}
	return table;
}

static int read_symbols(Elf *elf, struct symbols **ret)
{
	GElf_Ehdr ehdr;

	if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &ehdr) ||
	    (ehdr.e_type != ET_EXEC && ehdr.e_type != ET_DYN))
		return -ENOEXEC;
	*ret = read_table(elf, &ehdr, SHT_SYMTAB);
	if ((*ret)->n == 0) {
		symbols_free(*ret);
		*ret = read_table(elf, &ehdr, SHT_DYNSYM);
	}
	return 0;
}

int symbols_read(int fd, struct symbols **ret)
{
	_cleanup_elf_ Elf *elf = NULL;

	elf_version(EV_CURRENT);
	elf = elf_open(fd);
	return read_symbols(elf, ret);
}

int symbols_parse(const void *bytes, size_t len, struct symbols **ret)
{
	_cleanup_elf_ Elf *elf = NULL;

	elf_version(EV_CURRENT);
	/* libelf reads what it is given; that its parameter is not const is history. */
	elf = elf_memory((char *)bytes, len);
	return read_symbols(elf, ret);
}

void symbols_free(struct symbols *table)
{
	if (!table)
		return;
	free(table->items);
	free(table->names);
	free(table);
}

/* ---- looking up ---- */

const struct symbol *symbols_at(const struct symbols *table, uint64_t addr)
{
	size_t low = 0, high = table->n;
	uint32_t at;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (table->items[middle].value <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	at = low > 0 ? (uint32_t)(low - 1) : NO_SYMBOL;
	while (at != NO_SYMBOL && table->items[at].end <= addr)
		at = table->items[at].outer;
	return at != NO_SYMBOL ? &table->items[at] : NULL;
}

static bool has_name(const struct symbol *symbol, const char *name, size_t len)
{
	return strncmp(symbol->name, name, len) == 0 &&
	       (!symbol->name[len] || strncmp(symbol->name + len, "@@", 2) == 0);
}

static bool is_preferred(const struct symbol *a, const struct symbol *b)
{
	if (a->binding != b->binding)
		return a->binding > b->binding;
	return a->type != SYMBOL_UNTYPED && b->type == SYMBOL_UNTYPED;
}

const struct symbol *symbols_named(const struct symbols *table, const char *name)
{
	const struct symbol *best = NULL;
	size_t len = strlen(name);

	for (size_t i = 0; i < table->n; i++) {
		const struct symbol *symbol = &table->items[i];

		if (has_name(symbol, name, len) && (!best || is_preferred(symbol, best)))
			best = symbol;
	}
	return best;
}
