/* SPDX-License-Identifier: MIT */
#include "elf/symbols.h"

#include <errno.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "elf/handle.h"
#include "elf/symtab.h"
#include "elf/xz.h"

/* ---- order ---- */

/* Counts leading underscores. Most names have none, and strspn() takes ten times as long. */
static size_t count_underscores(const char *name)
{
	size_t n = 0;

	while (name[n] == '_')
		n++;
	return n;
}

/* A symbol at the place of others, with what comparing its name takes: a name can be long. */
struct alias {
	struct symbol symbol;
	size_t underscores, len;
};

/*
 * Larger is better, as in compare_aliases(). Underscores come before binding: in a C library,
 * waitpid is a weak name of its own __waitpid.
 */
static int compare_names(const struct alias *x, const struct alias *y)
{
	const struct symbol *a = &x->symbol;
	const struct symbol *b = &y->symbol;

	if ((a->binding == SYMBOL_LOCAL) != (b->binding == SYMBOL_LOCAL))
		return a->binding == SYMBOL_LOCAL ? -1 : 1;
	if (a->is_old != b->is_old)
		return a->is_old ? -1 : 1;
	if (x->underscores != y->underscores)
		return x->underscores < y->underscores ? 1 : -1;
	if (a->binding != b->binding)
		return a->binding < b->binding ? -1 : 1;
	if (x->len != y->len)
		return x->len < y->len ? 1 : -1;
	return memcmp(b->name, a->name, x->len);
}

static int compare_aliases(const void *a, const void *b)
{
	const struct alias *x = a;
	const struct alias *y = b;
	bool is_one = x->symbol.name == y->symbol.name && x->symbol.binding == y->symbol.binding;
	int r = is_one ? 0 : compare_names(x, y);

	return r != 0 ? r : (x->symbol.size < y->symbol.size) - (x->symbol.size > y->symbol.size);
}

static int compare_places(const void *a, const void *b)
{
	const struct symbol *x = a;
	const struct symbol *y = b;

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return (x->size > 0) - (y->size > 0);
}

static void sort_aliases(struct symbol *items, size_t n, struct alias *aliases)
{
	for (size_t i = 0; i < n; i++)
		aliases[i] =
			(struct alias){ items[i], count_underscores(items[i].name), strlen(items[i].name) };
	qsort(aliases, n, sizeof(*aliases), compare_aliases);
	for (size_t i = 0; i < n; i++)
		items[i] = aliases[i].symbol;
}

static void sort_symbols(struct symbols *table)
{
	_cleanup_free_ struct alias *aliases = NULL;
	size_t cap = 0;
	size_t n;

	if (table->n > 0)
		qsort(table->items, table->n, sizeof(*table->items), compare_places);
	for (size_t i = 0; i < table->n; i += n) {
		for (n = 1; i + n < table->n; n++)
			if (compare_places(&table->items[i], &table->items[i + n]) != 0)
				break;
		if (n > cap) {
			cap = 2 * n;
			aliases = mem_realloc(aliases, cap, sizeof(*aliases));
		}
		if (n > 1)
			sort_aliases(&table->items[i], n, aliases);
	}
}

/*
 * Ends symbols without a size, whose `end` is that of their section until now. Several at one place
 * do not end each other: they may be in several sections, of which only one has contents.
 */
static void end_unsized(struct symbols *table)
{
	uint64_t covered = 0; /* sized symbols reach up to here */
	size_t next = 0;      /* the first one that can end an unsized one */

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

/* Only a symbol that begins before another one and ends after it can surround it. */
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
	sort_symbols(table);
	end_unsized(table);
	find_outer(table);
}

/* ---- the table ---- */

/*
 * Cuts the names of the symbols from the `first` one on where their versions begin. Names that
 * share bytes end together, and so in one version.
 */
static void cut_versions(struct symbols *table, size_t first, char *names)
{
	for (size_t i = first; i < table->n; i++) {
		char *at;

		if (!table->items[i].version)
			continue;
		at = names + (table->items[i].version - names);
		while (at[-1] == '@')
			*--at = '\0';
	}
}

/* Adds the symbols of a symtab, and releases it. */
static void add_symbols(struct symbols *table, struct symtab *source)
{
	size_t first = table->n;

	table->cap += source->n;
	table->items = mem_realloc(table->items, MAX(table->cap, 1), sizeof(*table->items));
	for (size_t i = 0; i < source->n; i++)
		if (symtab_read(source, i, &table->items[table->n]))
			table->n++;
	if (source->has_suffixes)
		cut_versions(table, first, source->names);
	table->has_unread_names |= source->has_unread_names;
	table->names[table->n_names++] = source->names;
	symtab_done(source);
}

/*
 * strip can be told to keep some symbols. .symtab has all of them if it has at least as many as
 * .dynsym, which it should include.
 */
static void add_full(struct symbols *table, Elf *elf, Elf *main)
{
	struct symtab source;
	bool is_full;

	if (!symtab_find(&source, elf, main, SHT_SYMTAB))
		return;
	is_full = source.n >= symtab_count(elf, SHT_DYNSYM);
	add_symbols(table, &source);
	table->is_full = is_full && table->n > 0;
}

static void add_others(struct symbols *table, Elf *elf)
{
	struct symtab source;

	if (symtab_find(&source, elf, NULL, SHT_DYNSYM) || symtab_find_dynamic(&source, elf))
		add_symbols(table, &source);
}

static void add_compressed(struct symbols *table, Elf *elf, size_t max)
{
	size_t len;
	const char *compressed = elf_section_bytes(elf, ".gnu_debugdata", DEBUGDATA_SIZE_MAX, &len);
	_cleanup_free_ char *bytes = NULL;
	_cleanup_elf_ Elf *inner = NULL;
	struct symtab source;

	if (!compressed)
		return;
	max = MIN(max, DEBUGDATA_SIZE_MAX);
	table->debugdata_error = max > 0 ? xz_decode(compressed, len, max, &bytes, &len) : -EFBIG;
	table->debugdata_size = table->debugdata_error == -EFBIG ? max : 0;
	if (table->debugdata_error < 0)
		return;
	table->debugdata_size = len;
	inner = elf_memory(bytes, len);
	if (inner && symtab_find(&source, inner, elf, SHT_SYMTAB))
		add_symbols(table, &source);
}

static bool may_have_symbols(Elf *elf)
{
	GElf_Ehdr ehdr;

	return elf && elf_kind(elf) == ELF_K_ELF && gelf_getehdr(elf, &ehdr) &&
	       (ehdr.e_type == ET_EXEC || ehdr.e_type == ET_DYN);
}

static int read_symbols(Elf *elf, Elf *main, bool must_be_full, size_t debugdata_max, struct symbols **ret)
{
	struct symbols *table;

	if (!may_have_symbols(elf))
		return -ENOEXEC;
	table = mem_alloc(sizeof(*table));
	add_full(table, elf, main);
	if (!table->is_full && must_be_full) {
		symbols_free(table);
		return -ENODATA;
	}
	if (!table->is_full) {
		add_others(table, elf);
		add_compressed(table, elf, debugdata_max);
	}
	put_in_order(table);
	*ret = table;
	return 0;
}

/* Hands over the table of a file; if the file could not be read whole, frees the table and returns why. */
static int hand_over(int r, struct symbols *table, struct symbols **ret)
{
	int failure = elf_failure();

	if (failure < 0)
		symbols_free(table);
	else
		*ret = table;
	return failure < 0 ? failure : r;
}

int symbols_read(int fd, size_t debugdata_max, struct symbols **ret)
{
	_cleanup_elf_ Elf *elf = NULL;
	struct symbols *table = NULL;
	int r;

	elf_watch();
	elf = elf_open(fd);
	r = read_symbols(elf, NULL, false, debugdata_max, &table);
	return hand_over(r, table, ret);
}

int symbols_read_full(int fd, int main_fd, struct symbols **ret)
{
	_cleanup_elf_ Elf *elf = NULL;
	_cleanup_elf_ Elf *main = NULL;
	struct symbols *table = NULL;
	int r;

	elf_watch();
	elf = elf_open(fd);
	if (main_fd >= 0 && elf && descriptors_are_used(elf))
		main = elf_open(main_fd);
	r = read_symbols(elf, main, true, 0, &table);
	return hand_over(r, table, ret);
}

int symbols_read_dynamic(int fd, struct symbols **ret)
{
	_cleanup_elf_ Elf *elf = NULL;
	struct symbols *table = NULL;

	elf_watch();
	elf = elf_open(fd);
	if (may_have_symbols(elf)) {
		table = mem_alloc(sizeof(*table));
		add_others(table, elf);
		put_in_order(table);
	}
	return hand_over(table ? 0 : -ENOEXEC, table, ret);
}

int symbols_parse(const void *bytes, size_t len, struct symbols **ret)
{
	_cleanup_elf_ Elf *elf = NULL;

	elf_version(EV_CURRENT);
	/* libelf only reads the bytes; that its parameter is not const is history. */
	elf = elf_memory((char *)bytes, len);
	return read_symbols(elf, NULL, false, DEBUGDATA_SIZE_MAX, ret);
}

void symbols_free(struct symbols *table)
{
	if (!table)
		return;
	free(table->items);
	for (size_t i = 0; i < table->n_names; i++)
		free(table->names[i]);
	free(table);
}

/* ---- looking up ---- */

/* How deep symbols are nested: a few levels; a file with more was made to keep its readers busy. */
#define NESTED_MAX 1000

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
	for (size_t n = 0; at != NO_SYMBOL && n < NESTED_MAX; n++, at = table->items[at].outer)
		if (table->items[at].end > addr)
			return &table->items[at];
	return NULL;
}

/* A name as the caller gives it. */
struct query {
	const char *text;
	size_t len;	     /* of the name without a version */
	const char *version; /* NULL: any */
	bool wants_default;
};

static struct query parse_query(const char *text)
{
	const char *at = strrchr(text, '@');
	struct query query = { .text = text, .len = strlen(text) };

	if (at && at > text) {
		query.wants_default = at[-1] == '@';
		query.version = at + 1;
		query.len = (size_t)(at - text) - query.wants_default;
	}
	return query;
}

static bool is_called(const struct symbol *symbol, const struct query *query)
{
	/* Most names differ at once, without a call. */
	if (symbol->name[0] != query->text[0] || strncmp(symbol->name, query->text, query->len) != 0)
		return false;
	if (strcmp(symbol->name + query->len, query->text + query->len) == 0)
		return true;
	return !symbol->name[query->len] && query->version && symbol->version &&
	       strcmp(symbol->version, query->version) == 0 && !(query->wants_default && symbol->is_old);
}

static bool is_preferred(const struct symbol *a, const struct symbol *b)
{
	if ((a->binding == SYMBOL_LOCAL) != (b->binding == SYMBOL_LOCAL))
		return b->binding == SYMBOL_LOCAL;
	if (a->is_old != b->is_old)
		return b->is_old;
	if (a->binding != b->binding)
		return a->binding > b->binding;
	return a->type != SYMBOL_UNTYPED && b->type == SYMBOL_UNTYPED;
}

const struct symbol *symbols_named(const struct symbols *table, const char *name)
{
	const struct query query = parse_query(name);
	const struct symbol *best = NULL;

	for (size_t i = 0; i < table->n; i++) {
		const struct symbol *symbol = &table->items[i];

		if (is_called(symbol, &query) && (!best || is_preferred(symbol, best)))
			best = symbol;
	}
	return best;
}
