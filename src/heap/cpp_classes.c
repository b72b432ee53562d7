/* SPDX-License-Identifier: MIT */
#include "heap/cpp_classes.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/range.h"
#include "elf/demangle.h"

#define WORDS_MAX ((size_t)1 << 22) /* in a table */
#define PROBES 64	      /* per word in a table, so that words chosen to collide cannot slow it down */
#define NAME_MAX_LEN 4096     /* of a mangled name */
#define NAMES_MAX (256 << 20) /* bytes of all names, as read and as kept */
#define NO_OBJECT UINT32_MAX

struct known_word {
	uint64_t word; /* 0: free */
	uint32_t class;
};

struct class_range {
	uint64_t start, end;
};

/* ---- memory of modules ---- */

static void find_ranges(struct classes *classes)
{
	const struct judgement *judgement = &classes->space->judgement;

	for (size_t i = 0; i < judgement->n_regions; i++) {
		const struct region *region = &judgement->regions[i];
		struct class_range *last =
			classes->n_ranges > 0 ? &classes->ranges[classes->n_ranges - 1] : NULL;

		if (region->kind >= N_MODULE_KINDS)
			continue;
		if (last && last->end == region->start) {
			last->end = region->end;
			continue;
		}
		mem_grow(classes->ranges, classes->n_ranges, classes->cap_ranges);
		classes->ranges[classes->n_ranges++] = (struct class_range){ region->start, region->end };
	}
}

static bool is_in_module(const struct classes *classes, uint64_t addr)
{
	size_t i = range_find(classes->ranges, classes->n_ranges, sizeof(*classes->ranges), addr);

	return addr % classes->memory.word_size == 0 && i < classes->n_ranges &&
	       classes->ranges[i].start <= addr;
}

static int open_file(struct classes *classes, const struct object *object)
{
	struct stat st;

	if (classes->file_object == object->index)
		return classes->file_fd;
	if (classes->file_fd >= 0)
		close(classes->file_fd);
	classes->file_object = object->index;
	classes->file_fd = source_open_object(classes->memory.source, &classes->space->facts, object, &st);
	return classes->file_fd;
}

static bool load_file_page(struct classes *classes, const struct mapping *m, uint64_t page)
{
	const struct object *object = mapping_object(&classes->space->facts, m);
	int fd = has_offset(object) ? open_file(classes, object) : -1;
	ssize_t n = fd < 0 ? -1 :
			     pread(fd, classes->file_bytes, classes->memory.page_size,
				   (off_t)(m->offset + (page - m->start)));

	classes->file_page = n < 0 ? UNKNOWN : page;
	classes->file_len = n < 0 ? 0 : (size_t)n;
	return n >= 0;
}

/* A page that the process has not touched has the contents of the file. */
static bool read_file_word(struct classes *classes, uint64_t addr, uint64_t *ret)
{
	const struct facts *facts = &classes->space->facts;
	uint32_t i = judgement_region(&classes->space->judgement, addr);
	const struct region *region = &classes->space->judgement.regions[i];
	uint64_t page = page_floor(addr, classes->memory.page_size);

	if (i == NO_REGION || region->kind >= KIND_BSS)
		return false;
	if (classes->file_page != page && !load_file_page(classes, &facts->mappings[region->mapping], page))
		return false;
	if (addr - page + classes->memory.word_size > classes->file_len)
		return false;
	*ret = heap_word(classes->file_bytes + (addr - page), classes->memory.word_size);
	return true;
}

static bool read_word(struct classes *classes, uint64_t addr, uint64_t *ret)
{
	bool is_loaded = page_floor(addr, classes->memory.page_size) == classes->file_page;

	return is_in_module(classes, addr) &&
	       ((!is_loaded && heap_memory_peek(&classes->memory, addr, ret)) ||
		read_file_word(classes, addr, ret));
}

/* ---- names ---- */

static bool is_name_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
	       c == '$' || c == '.';
}

static bool is_name(const char *text)
{
	while (is_name_char(*text))
		text++;
	return !*text;
}

/* Reads the text at an address, without its end. False: it cannot be a mangled name. */
static bool read_text(struct classes *classes, uint64_t addr, char text[NAME_MAX_LEN], size_t *ret_len)
{
	size_t word_size = classes->memory.word_size;
	size_t skipped = addr % word_size;
	bool is_first = true;
	uint64_t word;

	for (addr -= skipped; read_word(classes, addr, &word); addr += word_size) {
		uint32_t narrow = (uint32_t)word;
		const char *bytes = word_size == 8 ? (const char *)&word : (const char *)&narrow;

		for (size_t i = skipped; i < word_size; i++, is_first = false) {
			if (!bytes[i])
				return *ret_len > 0;
			/* A mark: no other type_info has this name. */
			if (bytes[i] == '*' && is_first)
				continue;
			if (!is_name_char(bytes[i]) || *ret_len == NAME_MAX_LEN)
				return false;
			text[(*ret_len)++] = bytes[i];
		}
		skipped = 0;
	}
	return false;
}

static char *read_name(struct classes *classes, uint64_t addr)
{
	char text[NAME_MAX_LEN];
	size_t len = 0;
	bool is_name = read_text(classes, addr, text, &len);

	classes->name_bytes += len;
	return is_name ? mem_copy(text, len) : NULL;
}

/* The text after `what`, such as "vtable for ", in the demangled form of a symbol; the caller frees it. */
static char *demangle_class(const char *symbol, const char *what)
{
	_cleanup_free_ char *readable = demangle(symbol);
	size_t len = strlen(what);

	if (!can_demangle())
		return mem_copy(symbol + strlen("_ZTx"), strlen(symbol + strlen("_ZTx")));
	return readable && strncmp(readable, what, len) == 0 && readable[len] ?
		       mem_copy(readable + len, strlen(readable + len)) :
		       NULL;
}

/* The mangled name of the class whose type_info is at an address. */
static char *read_type_name(struct classes *classes, uint64_t type_info)
{
	uint64_t name;

	return read_word(classes, type_info + classes->memory.word_size, &name) ? read_name(classes, name) :
										  NULL;
}

/* A type_info is itself an object, of a class in __cxxabiv1; random data is not. */
static bool is_type_info(struct classes *classes, uint64_t addr)
{
	static const char library[] = "N10__cxxabiv1";
	_cleanup_free_ char *name = NULL;
	uint64_t vtable;
	uint64_t type_info;

	if (!read_word(classes, addr, &vtable) ||
	    !read_word(classes, vtable - classes->memory.word_size, &type_info))
		return false;
	name = read_type_name(classes, type_info);
	return name && strncmp(name, library, strlen(library)) == 0;
}

static char *name_by_type_info(struct classes *classes, uint64_t type_info)
{
	_cleanup_free_ char *name =
		is_type_info(classes, type_info) ? read_type_name(classes, type_info) : NULL;
	_cleanup_free_ char *symbol = name ? mem_format("_ZTS%s", name) : NULL;

	return symbol ? demangle_class(symbol, "typeinfo name for ") : NULL;
}

static char *name_by_symbol(struct classes *classes, uint64_t vtable)
{
	uint32_t i = judgement_region(&classes->space->judgement, vtable);
	const struct region *region = &classes->space->judgement.regions[i];
	const struct symbol *symbol;
	uint64_t offset;

	if (i == NO_REGION || region->module == NO_MODULE)
		return NULL;
	symbol = symbolizer_at(&classes->symbols, &classes->space->judgement.modules[region->module], vtable,
			       &offset);
	if (!symbol || strncmp(symbol->name, "_ZTV", strlen("_ZTV")) != 0 || !is_name(symbol->name) ||
	    offset < 2 * classes->memory.word_size)
		return NULL;
	classes->name_bytes += strlen(symbol->name);
	return demangle_class(symbol->name, "vtable for ");
}

/* ---- words ---- */

/* The slot of a word in a table, or a free one; NULL: there is none. */
static struct known_word *find_slot(const struct word_table *table, uint64_t word)
{
	size_t at = (size_t)hash_mix(word);

	for (size_t i = 0; i < PROBES; i++) {
		struct known_word *known = &table->items[(at + i) & (table->cap - 1)];

		if (known->word == word || known->word == 0)
			return known;
	}
	return NULL;
}

/* A word that finds no slot is looked up again. */
static void enlarge(struct word_table *table)
{
	struct word_table larger = { .cap = MAX(4 * table->cap, (size_t)1 << 12) };

	larger.items = mem_alloc(larger.cap * sizeof(*larger.items));
	for (size_t i = 0; i < table->cap; i++) {
		struct known_word *slot =
			table->items[i].word ? find_slot(&larger, table->items[i].word) : NULL;

		if (!slot)
			continue;
		*slot = table->items[i];
		larger.n++;
	}
	free(table->items);
	*table = larger;
}

/* The entry of a word. It is free if the word is new; NULL: there is no room for it. */
static struct known_word *find_word(struct classes *classes, struct word_table *table, uint64_t word)
{
	struct known_word *known;

	if (table->n >= table->cap / 4 && table->n < WORDS_MAX)
		enlarge(table);
	known = find_slot(table, word);
	if (!known || (known->word == 0 && table->n >= WORDS_MAX)) {
		classes->is_limited = true;
		return NULL;
	}
	return known;
}

static uint32_t set_word(struct word_table *table, struct known_word *known, uint64_t word, uint32_t class)
{
	table->n++;
	*known = (struct known_word){ word, class };
	return class;
}

/* ---- classes ---- */

static uint64_t hash_name(const char *name)
{
	uint64_t hash = 1;

	for (; *name; name++)
		hash = hash_mix(hash + (unsigned char)*name);
	return MAX(hash, 1);
}

/* The number of the class with this name, which may have several vtables. Takes the name. */
static uint32_t class_of_name(struct classes *classes, char *name)
{
	uint64_t hash = name ? hash_name(name) : 0;
	struct known_word *known = name ? find_word(classes, &classes->hashes, hash) : NULL;

	if (!known || (known->word && strcmp(classes->names[known->class], name) != 0)) {
		classes->is_limited |= name != NULL;
		free(name);
		return NO_CLASS;
	}
	if (known->word) {
		free(name);
		return known->class;
	}
	classes->name_bytes += strlen(name);
	mem_grow(classes->names, classes->n_names, classes->cap_names);
	classes->names[classes->n_names] = name;
	return set_word(&classes->hashes, known, hash, (uint32_t)classes->n_names++);
}

static uint32_t class_of_type_info(struct classes *classes, uint64_t type_info)
{
	struct known_word *known = find_word(classes, &classes->types, type_info);

	if (!known)
		return NO_CLASS;
	if (known->word)
		return known->class;
	return set_word(&classes->types, known, type_info,
			class_of_name(classes, name_by_type_info(classes, type_info)));
}

/* Two words precede the functions in a vtable: the offset to the complete object, and its type_info. */
static uint32_t read_class(struct classes *classes, uint64_t vtable)
{
	uint64_t word_size = classes->memory.word_size;
	uint64_t to_top;
	uint64_t type_info;

	if (!read_word(classes, vtable - 2 * word_size, &to_top) || to_top != 0 ||
	    !read_word(classes, vtable - word_size, &type_info))
		return NO_CLASS;
	if (classes->name_bytes >= NAMES_MAX) {
		classes->is_limited = true;
		return NO_CLASS;
	}
	return type_info ? class_of_type_info(classes, type_info) :
			   class_of_name(classes, name_by_symbol(classes, vtable));
}

static uint32_t class_of_vtable(struct classes *classes, uint64_t word)
{
	struct known_word *known;

	if (word == 0 || !is_in_module(classes, word))
		return NO_CLASS;
	known = find_word(classes, &classes->words, word);
	if (!known)
		return NO_CLASS;
	return known->word ? known->class : set_word(&classes->words, known, word, read_class(classes, word));
}

/* ---- arrays ---- */

/* Bytes of a block that may be objects of an array: without the header, and the number of objects. */
static uint64_t array_room(const struct classes *classes, const struct heap_block *block)
{
	return block->end - block->start - 2 * classes->memory.word_size;
}

/*
 * Whether `n` objects of one size, after their number, fill a block: the second one is where it
 * must be. The size is a multiple of a word, since each object contains an address.
 */
static bool is_array(struct classes *classes, const struct heap_block *block, uint64_t n, uint64_t vtable)
{
	uint64_t word = classes->memory.word_size;
	uint64_t most = page_floor(array_room(classes, block) / n, word);

	for (uint64_t size = most; size >= word && size + word >= most; size -= word) {
		uint64_t second;

		if (heap_memory_peek(&classes->memory, block->start + 3 * word + size, &second) &&
		    second == vtable)
			return true;
	}
	return false;
}

uint32_t classes_of(struct classes *classes, const struct heap_block *block, const uint64_t words[2],
		    bool *ret_is_array)
{
	uint32_t class = class_of_vtable(classes, words[0]);

	*ret_is_array = false;
	if (class != NO_CLASS || words[0] < 2 ||
	    words[0] > array_room(classes, block) / classes->memory.word_size)
		return class;
	class = class_of_vtable(classes, words[1]);
	*ret_is_array = class != NO_CLASS && is_array(classes, block, words[0], words[1]);
	return *ret_is_array ? class : NO_CLASS;
}

/* ---- all of it ---- */

void classes_init(struct classes *classes, struct source *source, const struct space *space,
		  bool wants_debuginfod)
{
	*classes = (struct classes){
		.space = space,
		.file_object = NO_OBJECT,
		.file_fd = -1,
		.file_page = UNKNOWN,
		.file_bytes = mem_array(space->facts.page_size, 1),
	};
	heap_memory_init(&classes->memory, source, &space->facts);
	symbolizer_init(&classes->symbols, source, &space->facts, wants_debuginfod);
	find_ranges(classes);
}

void classes_note(const struct classes *classes, struct notes *notes)
{
	if (classes->is_limited)
		notes_warn(
			notes, "classes-limit",
			"there are more vtables, or longer names of classes, than memmap keeps: some blocks "
			"show no class");
}

void classes_done(struct classes *classes)
{
	for (size_t i = 0; i < classes->n_names; i++)
		free(classes->names[i]);
	free(classes->names);
	free(classes->words.items);
	free(classes->types.items);
	free(classes->hashes.items);
	free(classes->file_bytes);
	free(classes->ranges);
	symbolizer_done(&classes->symbols);
	heap_memory_done(&classes->memory);
	if (classes->file_fd >= 0)
		close(classes->file_fd);
	*classes = (struct classes){ .file_fd = -1 };
}
