/* SPDX-License-Identifier: MIT */
#include "model/addrspace.h"

#include <search.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/range.h"
#include "base/text.h"

const char *const source_names[N_SOURCES] = {
	[SOURCE_PROCESS] = "process",
	[SOURCE_ELF] = "elf",
};

const char *const elf_type_names[N_ELF_TYPES] = {
	[ELF_EXECUTABLE] = "executable",
	[ELF_PIE] = "position-independent executable",
	[ELF_SHARED] = "shared object",
};

const char perms_texts[16][5] = {
	"---p", "--xp", "-w-p", "-wxp", "r--p", "r-xp", "rw-p", "rwxp",
	"---s", "--xs", "-w-s", "-wxs", "r--s", "r-xs", "rw-s", "rwxs",
};

const char *const file_state_names[N_FILE_STATES] = {
	[FILE_OK] = "ok",	[FILE_DELETED] = "deleted",	  [FILE_REPLACED] = "replaced",
	[FILE_MEMFD] = "memfd", [FILE_UNREADABLE] = "unreadable",
};

const struct limit_name limit_names[N_LIMITS] = {
	[LIMIT_MAPPINGS] = { "mappings", "mappings (vm.max_map_count)" },
	[LIMIT_VIRTUAL] = { "virtual", "address space (ulimit -v)" },
	[LIMIT_STACK] = { "stack", "main stack (ulimit -s)" },
	[LIMIT_LOCKED] = { "locked", "locked memory (ulimit -l)" },
};

const char *const page_state_names[N_PAGE_STATES] = {
	[PAGES_UNTOUCHED] = "untouched", [PAGES_RESIDENT] = "resident", [PAGES_ZERO] = "zero",
	[PAGES_SWAPPED] = "swapped",	 [PAGES_GUARD] = "guard",
};

void image_free(struct image *image)
{
	if (!image)
		return;
	for (size_t i = 0; i < image->n_sections; i++)
		free(image->sections[i].name);
	free(image->segments);
	free(image->sections);
	free(image);
}

void addrspace_init(struct addrspace *as)
{
	*as = (struct addrspace){
		.process = {
			.pid = -1,
			.ppid = -1,
			.virtual = UNKNOWN,
			.resident = UNKNOWN,
			.swapped = UNKNOWN,
			.page_tables = UNKNOWN,
			.threads = UNKNOWN,
			.locked = UNKNOWN,
			.kernel_stacks = UNKNOWN,
			.start_brk = UNKNOWN,
		},
	};
	for (size_t i = 0; i < N_LIMITS; i++)
		as->process.limits[i].max = UNKNOWN;
	addrspace_object(as, 0, 0, 0, NULL, 0);
}

static void object_free(struct object *object)
{
	image_free(object->image);
	free(object->name);
	free(object);
}

static void keep_object(void *object _unused_)
{
}

void addrspace_done(struct addrspace *as)
{
	tdestroy(as->object_index, keep_object);
	for (size_t i = 0; i < as->n_objects; i++)
		object_free(as->objects[i]);
	for (size_t i = 0; i < as->n_notes; i++)
		free(as->notes[i].text);
	for (size_t i = 0; i < as->n_threads; i++)
		free(as->threads[i].comm);
	free(as->threads);
	free(as->blocks);
	free(as->heaps);
	free(as->extents);
	usage_done(&as->usage);
	free(as->elf.interpreter);
	free(as->process.comm);
	free(as->process.exe);
	free(as->process.user);
	free(as->mappings);
	free(as->objects);
	free(as->notes);
	free(as->modules);
	free(as->regions);
	free(as->page_runs);
	for (size_t i = 0; i < as->n_places; i++)
		free(as->places[i].symbol);
	free(as->places);
	frames_free(as->frames);
	*as = (struct addrspace){ 0 };
}

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

static int compare_objects(const void *a, const void *b)
{
	const struct object *x = a;
	const struct object *y = b;
	int order = COMPARE(x->inode, y->inode);

	if (order == 0)
		order = COMPARE(x->minor, y->minor);
	if (order == 0)
		order = COMPARE(x->major, y->major);
	if (order == 0)
		order = COMPARE(x->name_len, y->name_len);
	if (order == 0 && x->name_len > 0)
		order = memcmp(x->name, y->name, x->name_len);
	return order;
}

/* What can be told from the line alone; a file may turn out to be more once it is looked at. */
static enum object_type type_of(const struct object *object)
{
	if (!object->name)
		return object->inode ? OBJECT_FILE : OBJECT_NONE;
	if (object->name[0] == '[' && object->inode == 0)
		return OBJECT_LABEL;
	/* A file's path begins with a slash. These do not, so no file can fake them. */
	if (object->name[0] != '/')
		return OBJECT_KERNEL;
	return OBJECT_FILE;
}

uint32_t addrspace_object(struct addrspace *as, uint32_t major, uint32_t minor, uint64_t inode,
			  const char *name, size_t name_len)
{
	struct object key = {
		.major = major,
		.minor = minor,
		.inode = inode,
		.name = (char *)name,
		.name_len = name_len,
	};
	struct object *fresh;
	void *found = tfind(&key, &as->object_index, compare_objects);

	if (found)
		return (*(struct object **)found)->index;
	fresh = mem_alloc(sizeof(*fresh));
	*fresh = key;
	fresh->name = name ? mem_copy(name, name_len) : NULL;
	fresh->is_plain = text_is_plain(name, name_len);
	fresh->type = type_of(&key);
	fresh->first = NO_MAPPING;
	fresh->index = (uint32_t)as->n_objects;
	mem_grow(as->objects, as->n_objects, as->cap_objects);
	as->objects[as->n_objects++] = fresh;
	if (!tsearch(fresh, &as->object_index, compare_objects))
		mem_exhausted();
	return fresh->index;
}

void addrspace_drop_mappings(struct addrspace *as)
{
	as->n_mappings = 0;
	as->usage.n_rows = 0;
}

bool stack_blocks_overlap(const struct stack_block *blocks, size_t n, const struct mapping *m)
{
	size_t i = range_find(blocks, n, sizeof(*blocks), m->start);

	return i < n && blocks[i].start < m->end;
}

size_t addrspace_find(const struct addrspace *as, uint64_t addr)
{
	return range_find(as->mappings, as->n_mappings, sizeof(*as->mappings), addr);
}

size_t addrspace_next_region(const struct addrspace *as, uint64_t addr)
{
	return range_find(as->regions, as->n_regions, sizeof(*as->regions), addr);
}

uint32_t addrspace_region(const struct addrspace *as, uint64_t addr)
{
	size_t i = addrspace_next_region(as, addr);

	return i < as->n_regions && as->regions[i].start <= addr ? (uint32_t)i : NO_REGION;
}

bool is_label(const struct object *object, const char *name)
{
	return object->type == OBJECT_LABEL && object->name_len == strlen(name) &&
	       memcmp(object->name, name, object->name_len) == 0;
}

size_t addrspace_main_stack(const struct addrspace *as)
{
	/* Hardly anything is above it. */
	for (size_t i = as->n_mappings; i-- > 0;)
		if (is_label(mapping_object(as, &as->mappings[i]), "[stack]"))
			return i;
	return as->n_mappings;
}

static bool is_without_access(const struct mapping *m)
{
	return !(m->perms & (PERM_R | PERM_W | PERM_X));
}

bool has_guard_below(const struct addrspace *as, size_t i)
{
	const struct mapping *m = &as->mappings[i];

	return i > 0 && (m->perms & (PERM_R | PERM_W)) == (PERM_R | PERM_W) && is_without_access(m - 1) &&
	       m[-1].end == m->start && is_nameless(as, m) && is_nameless(as, m - 1);
}

uint64_t addrspace_size(const struct addrspace *as)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < as->n_mappings; i++)
		sum += as->mappings[i].end - as->mappings[i].start;
	return sum;
}

uint64_t addrspace_reserved(const struct addrspace *as)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < as->n_mappings; i++)
		if (is_without_access(&as->mappings[i]))
			sum += as->mappings[i].end - as->mappings[i].start;
	return sum;
}

/* The kernel does not count the vsyscall page, at the very top: it is no process's own. */
static uint64_t count_own(const struct addrspace *as)
{
	size_t n = as->n_mappings;

	while (n > 0 && as->mappings[n - 1].end > INT64_MAX)
		n--;
	return n;
}

/* Of the one stack that the limit is for; VmStk has all that grows downwards. */
static uint64_t stack_size(const struct addrspace *as)
{
	size_t i = addrspace_main_stack(as);

	return i < as->n_mappings ? as->mappings[i].end - as->mappings[i].start : UNKNOWN;
}

uint64_t addrspace_use(const struct addrspace *as, enum limit_id limit)
{
	switch (limit) {
	case LIMIT_MAPPINGS:
		return as->source == SOURCE_PROCESS ? count_own(as) : UNKNOWN;
	case LIMIT_VIRTUAL:
		return as->source == SOURCE_PROCESS ? as->process.virtual : UNKNOWN;
	case LIMIT_STACK:
		return stack_size(as);
	case LIMIT_LOCKED:
		return as->process.locked;
	case N_LIMITS:
		break;
	}
	return UNKNOWN;
}

static void _printf_(4, 0)
	add_note(struct addrspace *as, const char *code, bool is_lack, const char *fmt, va_list ap)
{
	char *text;

	if (vasprintf(&text, fmt, ap) < 0)
		mem_exhausted();
	mem_grow(as->notes, as->n_notes, as->cap_notes);
	as->notes[as->n_notes++] = (struct note){ .code = code, .text = text, .is_lack = is_lack };
}

void addrspace_note(struct addrspace *as, const char *code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_note(as, code, true, fmt, ap);
	va_end(ap);
}

void addrspace_remark(struct addrspace *as, const char *code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_note(as, code, false, fmt, ap);
	va_end(ap);
}
