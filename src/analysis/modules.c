/* SPDX-License-Identifier: MIT */
#include "analysis/modules.h"

#include <stdbool.h>

#include "base/mem.h"
#include "base/range.h"

uint64_t segment_start(const struct facts *facts, const struct module *module, const struct segment *segment)
{
	return page_floor(module->bias + segment->vaddr, facts->page_size);
}

uint64_t segment_end(const struct facts *facts, const struct module *module, const struct segment *segment)
{
	return page_ceil(module->bias + segment->vaddr + segment->memsz, facts->page_size);
}

/* Where the file's part of a segment ends, in pages. */
static uint64_t file_part_end(const struct facts *facts, const struct module *module,
			      const struct segment *segment)
{
	return page_ceil(module->bias + segment->vaddr + segment->filesz, facts->page_size);
}

/* How far a segment's pages in memory are from those in the file. */
static uint64_t displacement(const struct segment *segment, uint64_t page_size)
{
	return page_floor(segment->vaddr, page_size) - page_floor(segment->offset, page_size);
}

/*
 * Whether a loader has moved some segments against others. No plain mapping of the file does
 * that: then places alone tell, whatever the access. Where nothing has moved, a file mapped as
 * data has everything in place too, and only access tells.
 */
static bool is_displaced(const struct image *image, uint64_t page_size)
{
	uint64_t first = displacement(&image->segments[0], page_size);

	for (size_t i = 1; i < image->n_segments; i++)
		if (image->segments[i].filesz > 0 && displacement(&image->segments[i], page_size) != first)
			return true;
	return false;
}

static bool has_fitting_perms(const struct mapping *m, const struct segment *segment)
{
	if (segment->perms & PERM_X)
		return m->perms & PERM_X;
	return !(m->perms & PERM_X) && ((segment->perms & PERM_W) || !(m->perms & PERM_W));
}

/* ---- what is where one segment belongs ---- */

bool is_file_page_of(const struct facts *facts, const struct module *module, const struct segment *segment,
		     const struct mapping *m, uint64_t addr)
{
	return m->object == module->object &&
	       m->offset + (addr - m->start) == page_floor(segment->offset, facts->page_size) +
							(addr - segment_start(facts, module, segment));
}

bool may_be_copy_of(const struct mapping *m, const struct segment *segment)
{
	return segment->perms & PERM_X ? (m->perms & PERM_X) != 0 : has_access(m->perms);
}

bool has_segment(const struct facts *facts, const struct module *module, const struct segment *segment)
{
	uint64_t start = segment_start(facts, module, segment);
	uint64_t end = file_part_end(facts, module, segment);

	for (size_t i = facts_find_mapping(facts, start); i < facts->n_mappings; i++) {
		const struct mapping *m = &facts->mappings[i];

		if (m->start >= end)
			break;
		if (m->object == module->object ?
			    is_file_page_of(facts, module, segment, m, MAX(m->start, start)) :
			    is_anonymous(facts, m) && may_be_copy_of(m, segment))
			return true;
	}
	return segment->filesz == 0;
}

/* What the mappings at a segment's place have of it. */
struct find {
	bool is_in_place;  /* some of the file's pages, */
	bool fits;	   /* with the access that the headers ask for, */
	bool is_special;   /* and be it to write or to execute, */
	bool is_code;	   /* or to execute */
	bool is_copied;	   /* code in memory of its own */
	bool is_refuted;   /* other pages of the same file */
	unsigned accesses; /* a bit for each combination of access rights that these pages have */
	uint64_t end;	   /* of the mapping with the last of them */
};

/* Whether another segment has these pages, and was mapped over the one that should be there. */
static bool is_overlaid(const struct facts *facts, const struct module *module, const struct mapping *m,
			uint64_t addr)
{
	const struct image *image = facts->objects[module->object]->image;

	for (size_t i = 0; i < image->n_segments; i++) {
		const struct segment *segment = &image->segments[i];

		if (addr >= segment_start(facts, module, segment) &&
		    addr < file_part_end(facts, module, segment) &&
		    is_file_page_of(facts, module, segment, m, addr))
			return true;
	}
	return false;
}

static struct find look_at(const struct facts *facts, const struct module *module,
			   const struct segment *segment)
{
	uint64_t start = segment_start(facts, module, segment);
	uint64_t end = file_part_end(facts, module, segment);
	struct find find = { 0 };

	for (size_t i = facts_find_mapping(facts, start); i < facts->n_mappings; i++) {
		const struct mapping *m = &facts->mappings[i];

		if (m->start >= end)
			break;
		if (m->object != module->object) {
			find.is_copied |= is_anonymous(facts, m) && (segment->perms & m->perms & PERM_X);
		} else if (!(m->perms & PERM_SHARED) &&
			   is_file_page_of(facts, module, segment, m, MAX(m->start, start))) {
			find.is_in_place = true;
			find.fits |= has_fitting_perms(m, segment);
			find.is_special |= (segment->perms & m->perms & (PERM_W | PERM_X)) != 0;
			find.is_code |= (segment->perms & m->perms & PERM_X) != 0;
			find.accesses |= 1u << (m->perms & (PERM_R | PERM_W | PERM_X));
			find.end = m->end;
		} else {
			find.is_refuted |= !is_overlaid(facts, module, m, MAX(m->start, start));
		}
	}
	return find;
}

/* ---- whether all of them make a module ---- */

struct evidence {
	size_t n_missing, n_in_place; /* segments with a part in the file */
	bool fits;		      /* those in place have the access that the headers ask for */
	bool is_special;	      /* one may be written to or executed, as the headers ask for */
	bool is_code;		      /* one may be executed */
	bool is_refuted;	      /* there are other pages of the file in the place of one */
	bool is_displaced;	      /* two have been moved against each other */
	uint64_t displacement;
	unsigned accesses;
	uint64_t mapped_end, end; /* of the mappings, and of what belongs there of them */
};

static void add_find(const struct facts *facts, const struct module *module, const struct segment *segment,
		     struct evidence *e)
{
	struct find find = look_at(facts, module, segment);
	uint64_t its = displacement(segment, facts->page_size);

	e->is_refuted |= find.is_refuted;
	if (!find.is_in_place) {
		e->n_missing += !find.is_copied;
		return;
	}
	e->is_displaced |= e->n_in_place > 0 && its != e->displacement;
	e->displacement = its;
	e->n_in_place++;
	e->fits &= find.fits || find.is_copied;
	e->is_special |= find.is_special;
	e->is_code |= find.is_code;
	e->accesses |= find.accesses;
	e->mapped_end = MAX(e->mapped_end, find.end);
	e->end = MAX(e->end, file_part_end(facts, module, segment));
}

static struct evidence collect_evidence(const struct facts *facts, const struct module *module)
{
	const struct image *image = facts->objects[module->object]->image;
	struct evidence e = { .fits = true };

	for (size_t i = 0; i < image->n_segments; i++) {
		const struct segment *segment = &image->segments[i];

		if (segment->filesz > 0 &&
		    file_part_end(facts, module, segment) > module->bias + segment->vaddr)
			add_find(facts, module, segment, &e);
		else
			e.n_missing += segment->filesz > 0;
	}
	return e;
}

static bool has_several(unsigned bits)
{
	return (bits & (bits - 1)) != 0;
}

/*
 * Access may have changed, and some segments may have been replaced, but no other mapping of the
 * file has parts of it moved against each other, or of different access at the right distance. A
 * file that was overwritten in place may have some of that, and its other pages elsewhere.
 */
static bool is_convincing(const struct facts *facts, const struct module *module, const struct evidence *e)
{
	if (e->n_missing == 0 &&
	    (e->fits || is_displaced(facts->objects[module->object]->image, facts->page_size)))
		return true;
	return e->is_displaced ||
	       (!e->is_refuted && e->n_in_place > 1 && e->is_special && has_several(e->accesses));
}

/*
 * Code alone, in a mapping that ends with it: who maps a whole file as data does not know where. Where all segments
 * are in one page, as are those of small files in pages of 64K, any mapping ends with it.
 */
static bool is_plausible(const struct facts *facts, const struct module *module, const struct evidence *e)
{
	return e->is_code && !e->is_refuted && e->mapped_end <= e->end &&
	       module->end - module->start > facts->page_size;
}

/* ---- the search ---- */

/*
 * How many segments are looked for in all: enough for tens of thousands of modules, and an end to what a
 * file with thousands of segments can ask for that is mapped thousands of times.
 */
#define LOOKS_MAX (1 << 22)

struct finder {
	const struct facts *facts;
	struct judgement *judgement;
	uint32_t *last; /* by object, 1 + the index of the last module that was found of it */
	size_t n_looks;
	bool is_last_resort; /* only code is left to go by, of files that have no module */
};

static bool is_known(const struct finder *finder, const struct module *module)
{
	const struct judgement *judgement = finder->judgement;

	for (size_t i = finder->last[module->object]; i-- > 0;)
		if (judgement->modules[i].object == module->object &&
		    judgement->modules[i].bias == module->bias)
			return true;
	return false;
}

static struct module make_module(const struct facts *facts, uint32_t object, uint64_t bias)
{
	const struct image *image = facts->objects[object]->image;
	struct module module = { .object = object, .bias = bias };

	module.start = segment_start(facts, &module, &image->segments[0]);
	module.end = page_ceil(bias + image->end, facts->page_size);
	return module;
}

static void append(struct judgement *judgement, const struct module *module)
{
	mem_grow(judgement->modules, judgement->n_modules, judgement->cap_modules);
	judgement->modules[judgement->n_modules++] = *module;
}

void add_module(const struct facts *facts, struct judgement *judgement, uint32_t object, uint64_t bias)
{
	struct module module = make_module(facts, object, bias);

	append(judgement, &module);
}

/* The module that there is when mapping `m` holds the first page of `segment`. */
static bool begins_segment(const struct facts *facts, const struct mapping *m, const struct segment *segment,
			   struct module *ret)
{
	uint64_t offset = page_floor(segment->offset, facts->page_size);

	if (segment->filesz == 0 || offset < m->offset || offset - m->offset >= m->end - m->start)
		return false;
	*ret = make_module(facts, m->object,
			   m->start + (offset - m->offset) - page_floor(segment->vaddr, facts->page_size));
	return ret->start < ret->end;
}

/* Whether a mapping lies where the last module that was found of its file has these pages. */
static bool is_explained(const struct finder *finder, const struct mapping *m)
{
	const struct image *image = finder->facts->objects[m->object]->image;
	const struct module *module;
	size_t low = 0, high = image->n_segments;

	if (finder->last[m->object] == 0)
		return false;
	module = &finder->judgement->modules[finder->last[m->object] - 1];
	/* The last segment that begins at or below it. */
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (segment_start(finder->facts, module, &image->segments[middle]) <= m->start)
			low = middle;
		else
			high = middle;
	}
	return m->start >= module->start && m->start < module->end &&
	       is_file_page_of(finder->facts, module, &image->segments[low], m, m->start);
}

static bool is_module(struct finder *finder, struct module *module)
{
	struct evidence e = collect_evidence(finder->facts, module);

	finder->n_looks += finder->facts->objects[module->object]->image->n_segments;
	module->is_partial = e.n_missing > 0;
	return finder->is_last_resort ? is_plausible(finder->facts, module, &e) :
					is_convincing(finder->facts, module, &e);
}

/*
 * Any segment may give its module away: another one may have been copied to anonymous memory.
 */
static void find_module_at(struct finder *finder, const struct mapping *m)
{
	const struct image *image = finder->facts->objects[m->object]->image;
	struct module module;

	for (size_t i = 0; i < image->n_segments && finder->n_looks < LOOKS_MAX; i++) {
		if (!begins_segment(finder->facts, m, &image->segments[i], &module))
			continue;
		if (is_known(finder, &module))
			return;
		if (is_module(finder, &module)) {
			append(finder->judgement, &module);
			finder->last[m->object] = (uint32_t)finder->judgement->n_modules;
			return;
		}
	}
}

/* Code of a file that has an ELF image, but no module. */
static bool is_lost(const struct finder *finder, const struct object *object)
{
	return object->image && object->is_executable && finder->last[object->index] == 0;
}

static void find_last_resorts(struct finder *finder)
{
	const struct facts *facts = finder->facts;
	bool has_lost = false;

	for (size_t i = 0; i < facts->n_objects; i++)
		has_lost |= is_lost(finder, facts->objects[i]);
	finder->is_last_resort = true;
	for (size_t i = 0; has_lost && i < facts->n_mappings; i++) {
		const struct mapping *m = &facts->mappings[i];

		if (is_lost(finder, facts->objects[m->object]) && !(m->perms & PERM_SHARED))
			find_module_at(finder, m);
	}
}

void find_modules(const struct facts *facts, struct judgement *judgement)
{
	_cleanup_free_ uint32_t *last = mem_alloc(facts->n_objects * sizeof(*last));
	struct finder finder = { .facts = facts, .judgement = judgement, .last = last };

	for (size_t i = 0; i < facts->n_mappings; i++) {
		const struct mapping *m = &facts->mappings[i];

		if (facts->objects[m->object]->image && !(m->perms & PERM_SHARED) &&
		    !is_explained(&finder, m))
			find_module_at(&finder, m);
	}
	find_last_resorts(&finder);
	range_sort(judgement->modules, judgement->n_modules, sizeof(*judgement->modules));
}

void note_lost_modules(const struct facts *facts, const struct judgement *judgement, struct notes *notes)
{
	_cleanup_free_ bool *is_found = mem_alloc(facts->n_objects * sizeof(*is_found));
	size_t n = 0;

	for (size_t i = 0; i < judgement->n_modules; i++)
		is_found[judgement->modules[i].object] = true;
	for (size_t i = 0; i < facts->n_objects; i++) {
		const struct object *object = facts->objects[i];

		n += object->is_executable && !is_found[i] &&
		     (object->image || object->headers == HEADERS_DAMAGED);
	}
	if (n > 0)
		notes_warn(
			notes, "module-lost",
			"the ELF headers of %zu file%s do not fit what is mapped of %s: there is code that "
			"belongs to no module, and is known by its access rights only",
			n, n == 1 ? "" : "s", n == 1 ? "it" : "them");
}
