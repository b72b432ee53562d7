/* SPDX-License-Identifier: MIT */
#include "heap/cpp_classes.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/range.h"
#include "elf/demangle.h"

#define WORDS_CAP ((size_t)1 << 18) /* size of the table, a power of two; at most half is used */
#define PROBES 64	  /* per word in the table, so that words chosen to collide cannot slow it down */
#define NAME_MAX_LEN 4096 /* of a mangled name */
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

/* A page that the process has not touched has the contents of the file. */
static bool read_file_word(struct classes *classes, uint64_t addr, uint64_t *ret)
{
	const struct facts *facts = &classes->space->facts;
	uint32_t i = judgement_region(&classes->space->judgement, addr);
	const struct region *region = &classes->space->judgement.regions[i];
	const struct mapping *m;
	unsigned char bytes[8];
	int fd;

	if (i == NO_REGION || region->kind >= KIND_BSS)
		return false;
	m = &facts->mappings[region->mapping];
	if (!has_offset(mapping_object(facts, m)))
		return false;
	fd = open_file(classes, mapping_object(facts, m));
	if (fd < 0 || pread(fd, bytes, classes->memory.word_size, (off_t)(m->offset + (addr - m->start))) !=
			      (ssize_t)classes->memory.word_size)
		return false;
	*ret = heap_word(bytes, classes->memory.word_size);
	return true;
}

static bool read_word(struct classes *classes, uint64_t addr, uint64_t *ret)
{
	return is_in_module(classes, addr) &&
	       (heap_memory_peek(&classes->memory, addr, ret) || read_file_word(classes, addr, ret));
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

/* The text at an address; NULL: it cannot be a mangled name. */
static char *read_name(struct classes *classes, uint64_t addr)
{
	size_t word_size = classes->memory.word_size;
	char text[NAME_MAX_LEN + 1];
	size_t skipped = addr % word_size;
	size_t len = 0;
	bool is_first = true;
	uint64_t word;

	for (addr -= skipped; read_word(classes, addr, &word); addr += word_size) {
		uint32_t narrow = (uint32_t)word;
		const char *bytes = word_size == 8 ? (const char *)&word : (const char *)&narrow;

		for (size_t i = skipped; i < word_size; i++, is_first = false) {
			if (!bytes[i])
				return len > 0 ? mem_copy(text, len) : NULL;
			/* A mark: no other type_info has this name. */
			if (bytes[i] == '*' && is_first)
				continue;
			if (!is_name_char(bytes[i]) || len == NAME_MAX_LEN)
				return NULL;
			text[len++] = bytes[i];
		}
		skipped = 0;
	}
	return NULL;
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
	return demangle_class(symbol->name, "vtable for ");
}

/* Two words precede the functions in a vtable: the offset to the complete object, and its type_info. */
static char *name_vtable(struct classes *classes, uint64_t vtable)
{
	uint64_t word_size = classes->memory.word_size;
	uint64_t to_top;
	uint64_t type_info;

	if (!read_word(classes, vtable - 2 * word_size, &to_top) || to_top != 0 ||
	    !read_word(classes, vtable - word_size, &type_info))
		return NULL;
	return type_info ? name_by_type_info(classes, type_info) : name_by_symbol(classes, vtable);
}

/* ---- words ---- */

static uint64_t mix(uint64_t word)
{
	word ^= word >> 33;
	word *= UINT64_C(0xff51afd7ed558ccd);
	return word ^ word >> 33;
}

/* The slot of a word in the table, or a free one; NULL: there is none. */
static struct known_word *find_word(struct classes *classes, uint64_t word)
{
	size_t at = (size_t)mix(word);

	for (size_t i = 0; i < PROBES; i++) {
		struct known_word *known = &classes->words[(at + i) % WORDS_CAP];

		if (known->word == word || known->word == 0)
			return known;
	}
	return NULL;
}

static uint32_t add_class(struct classes *classes, char *name)
{
	if (!name)
		return NO_CLASS;
	mem_grow(classes->names, classes->n_names, classes->cap_names);
	classes->names[classes->n_names] = name;
	return (uint32_t)classes->n_names++;
}

static uint32_t class_of_vtable(struct classes *classes, uint64_t word)
{
	struct known_word *known;

	if (word == 0 || !is_in_module(classes, word))
		return NO_CLASS;
	known = find_word(classes, word);
	if (!known)
		return NO_CLASS;
	if (known->word == 0) {
		if (classes->n_words == WORDS_CAP / 2)
			return NO_CLASS;
		classes->n_words++;
		known->word = word;
		known->class = add_class(classes, name_vtable(classes, word));
	}
	return known->class;
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
		.words = mem_alloc(WORDS_CAP * sizeof(*classes->words)),
		.file_object = NO_OBJECT,
		.file_fd = -1,
	};
	heap_memory_init(&classes->memory, source, &space->facts);
	symbolizer_init(&classes->symbols, source, &space->facts, wants_debuginfod);
	find_ranges(classes);
}

void classes_done(struct classes *classes)
{
	for (size_t i = 0; i < classes->n_names; i++)
		free(classes->names[i]);
	free(classes->names);
	free(classes->words);
	free(classes->ranges);
	symbolizer_done(&classes->symbols);
	heap_memory_done(&classes->memory);
	if (classes->file_fd >= 0)
		close(classes->file_fd);
	*classes = (struct classes){ .file_fd = -1 };
}
