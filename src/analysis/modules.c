/* SPDX-License-Identifier: MIT */
#include "analysis/modules.h"

#include <stdbool.h>

#include "analysis/module_evidence.h"
#include "analysis/segments.h"
#include "base/mem.h"
#include "base/range.h"

/*
 * Each section may become a region, which costs more memory than a look costs time: a million of them, more than
 * twice as many as ten thousand libraries have, take some 100 MB. Each shows its file's name, which may be long.
 */
#define LOOKS_PER_SECTION 16
#define NAME_BYTES_PER_LOOK 32

struct finder {
	const struct facts *facts;
	struct judgement *judgement;
	uint32_t *last; /* by object: 1 + the index of the last module found for it */
	size_t n_looks;
	bool is_last_resort; /* for files that have no module: judge by code alone */
};

static bool is_known(struct finder *finder, const struct module *module)
{
	const struct judgement *judgement = finder->judgement;

	for (size_t i = finder->last[module->object]; i-- > 0; finder->n_looks++)
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

/* The module that there would be if mapping `m` holds the first page of `segment`; false if it does not. */
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

/*
 * Whether a mapping is part of the last module found for its file: it has the right pages in the
 * right place.
 */
static bool is_explained(const struct finder *finder, const struct mapping *m)
{
	const struct image *image = finder->facts->objects[m->object]->image;
	const struct module *module;
	size_t low = 0, high = image->n_segments;

	if (finder->last[m->object] == 0)
		return false;
	module = &finder->judgement->modules[finder->last[m->object] - 1];
	/* The last segment that begins at or below the mapping. */
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
	struct module_evidence e = collect_module_evidence(finder->facts, module, &finder->n_looks);

	module->is_partial = e.n_missing > 0;
	return finder->is_last_resort ? is_plausible(finder->facts, module, &e) :
					is_convincing(finder->facts, module, &e);
}

/* Tries every segment: any of them may have been copied to anonymous memory. */
static void find_module_at(struct finder *finder, const struct mapping *m)
{
	const struct object *object = finder->facts->objects[m->object];
	const struct image *image = object->image;
	struct module module;

	for (size_t i = 0; i < image->n_segments && finder->n_looks < MODULE_LOOKS_MAX;
	     i++, finder->n_looks++) {
		if (!begins_segment(finder->facts, m, &image->segments[i], &module))
			continue;
		if (is_known(finder, &module))
			return;
		if (is_module(finder, &module)) {
			append(finder->judgement, &module);
			finder->last[m->object] = (uint32_t)finder->judgement->n_modules;
			finder->n_looks += image->n_sections *
					   (LOOKS_PER_SECTION + object->name_len / NAME_BYTES_PER_LOOK);
			return;
		}
	}
}

/* Whether a file with an ELF image has code in memory, but no module. */
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
	judgement->has_unsought_modules = finder.n_looks >= MODULE_LOOKS_MAX;
	range_sort(judgement->modules, judgement->n_modules, sizeof(*judgement->modules));
}

bool *find_module_objects(const struct facts *facts, const struct judgement *judgement)
{
	bool *has_module = mem_alloc(facts->n_objects * sizeof(*has_module));

	for (size_t i = 0; i < judgement->n_modules; i++)
		has_module[judgement->modules[i].object] = true;
	return has_module;
}

void note_lost_modules(const struct facts *facts, const struct judgement *judgement, struct notes *notes)
{
	_cleanup_free_ bool *has_module = find_module_objects(facts, judgement);
	size_t n = 0;

	if (judgement->has_unsought_modules) {
		notes_warn(
			notes, "modules-unsought",
			"files have so many segments, or are mapped so many times, that memmap does not look for "
			"all modules: some code is classified by access rights only");
		return;
	}
	for (size_t i = 0; i < facts->n_objects; i++) {
		const struct object *object = facts->objects[i];

		n += object->is_executable && !has_module[i] &&
		     (object->image || object->headers == HEADERS_DAMAGED);
	}
	if (n > 0)
		notes_warn(notes, "module-lost",
			   "the ELF headers of %zu file%s do not match %s mappings: some code belongs to no "
			   "module, and is classified by access rights only",
			   n, n == 1 ? "" : "s", n == 1 ? "its" : "their");
}
