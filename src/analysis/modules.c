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

/*
 * Whether a loader has moved some segments against others. No plain mapping of the file does
 * that: then places alone tell, whatever the access. Where nothing has moved, a file mapped as
 * data has everything in place too, and only access tells.
 */
static bool is_displaced(const struct image *image, uint64_t page_size)
{
	uint64_t first = page_floor(image->segments[0].vaddr, page_size) -
			 page_floor(image->segments[0].offset, page_size);

	for (size_t i = 1; i < image->n_segments; i++) {
		const struct segment *segment = &image->segments[i];

		if (segment->filesz > 0 &&
		    page_floor(segment->vaddr, page_size) - page_floor(segment->offset, page_size) != first)
			return true;
	}
	return false;
}

static bool has_fitting_perms(const struct mapping *m, const struct segment *segment)
{
	if (segment->perms & PERM_X)
		return m->perms & PERM_X;
	return !(m->perms & PERM_X) && ((segment->perms & PERM_W) || !(m->perms & PERM_W));
}

/*
 * Whether the file's pages of one segment, or a part of them, are mapped where they belong.
 * Code may have been copied to anonymous memory instead.
 */
static bool has_segment(const struct facts *facts, const struct module *module, const struct segment *segment,
			bool by_address)
{
	uint64_t start = segment_start(facts, module, segment);
	uint64_t end = page_ceil(module->bias + segment->vaddr + segment->filesz, facts->page_size);
	uint64_t offset = page_floor(segment->offset, facts->page_size);
	bool found = false;

	if (segment->filesz == 0)
		return true;
	if (end < start)
		return false;
	for (size_t i = facts_find_mapping(facts, start); i < facts->n_mappings; i++) {
		const struct mapping *m = &facts->mappings[i];

		if (m->start >= end)
			break;
		if (m->object == module->object) {
			if ((m->perms & PERM_SHARED) || m->offset + (start - m->start) != offset)
				return false;
			found |= by_address || has_fitting_perms(m, segment);
		} else if (is_anonymous(facts, m)) {
			found |= (segment->perms & PERM_X) && (m->perms & PERM_X);
		}
	}
	return found;
}

static bool is_loaded(const struct facts *facts, const struct module *module)
{
	const struct image *image = facts->objects[module->object]->image;

	bool by_address = is_displaced(image, facts->page_size);

	for (size_t i = 0; i < image->n_segments; i++)
		if (!has_segment(facts, module, &image->segments[i], by_address))
			return false;
	return true;
}

/* `last`: by object, 1 + the index of the last module that was found of it. */
static bool is_known(const struct judgement *judgement, const struct module *module, const uint32_t *last)
{
	for (size_t i = last[module->object]; i-- > 0;)
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
	module.end = segment_end(facts, &module, &image->segments[image->n_segments - 1]);
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

/*
 * Any segment may give its module away: another one may have been copied to anonymous memory.
 */
static void find_module_at(const struct facts *facts, struct judgement *judgement, const struct mapping *m,
			   uint32_t *last)
{
	const struct image *image = facts->objects[m->object]->image;
	struct module module;

	for (size_t i = 0; i < image->n_segments; i++) {
		if (!begins_segment(facts, m, &image->segments[i], &module))
			continue;
		if (is_known(judgement, &module, last))
			return;
		if (is_loaded(facts, &module)) {
			append(judgement, &module);
			last[m->object] = (uint32_t)judgement->n_modules;
			return;
		}
	}
}

void find_modules(const struct facts *facts, struct judgement *judgement)
{
	_cleanup_free_ uint32_t *last = mem_alloc(facts->n_objects * sizeof(*last));

	for (size_t i = 0; i < facts->n_mappings; i++) {
		const struct mapping *m = &facts->mappings[i];

		if (facts->objects[m->object]->image && !(m->perms & PERM_SHARED))
			find_module_at(facts, judgement, m, last);
	}
	range_sort(judgement->modules, judgement->n_modules, sizeof(*judgement->modules));
}
