/* SPDX-License-Identifier: MIT */
#include "modules.h"

#include <stdbool.h>
#include <stdlib.h>

#include "mem.h"

static uint64_t page_floor(const struct addrspace *as, uint64_t addr)
{
	return addr & ~(as->page_size - 1);
}

static uint64_t page_ceil(const struct addrspace *as, uint64_t addr)
{
	return page_floor(as, addr + as->page_size - 1);
}

uint64_t segment_start(const struct addrspace *as, const struct module *module, const struct segment *segment)
{
	return page_floor(as, module->bias + segment->vaddr);
}

uint64_t segment_end(const struct addrspace *as, const struct module *module, const struct segment *segment)
{
	return page_ceil(as, module->bias + segment->vaddr + segment->memsz);
}

/*
 * Whether a mapping may be a part of a segment: it has the segment's access, or what loaders
 * and programs leave of it. RELRO takes away writing; text may have been copied to anonymous
 * memory and may have been made writable, but code stays executable and constants do not become so.
 */
static bool has_fitting_perms(const struct mapping *m, const struct segment *segment)
{
	if (m->perms & PERM_SHARED)
		return false;
	if (segment->perms & PERM_X)
		return m->perms & PERM_X;
	return !(m->perms & PERM_X) && ((segment->perms & PERM_W) || !(m->perms & PERM_W));
}

/* Whether the file's pages of one segment, or a part of them, are mapped where they belong. */
static bool has_segment(const struct addrspace *as, const struct module *module,
			const struct segment *segment)
{
	uint64_t start = segment_start(as, module, segment);
	uint64_t end = page_ceil(as, module->bias + segment->vaddr + segment->filesz);
	uint64_t offset = page_floor(as, segment->offset);
	bool found = false;

	if (segment->filesz == 0)
		return true;
	if (end < start)
		return false;
	for (size_t i = addrspace_find(as, start); i < as->n_mappings; i++) {
		const struct mapping *m = &as->mappings[i];

		if (m->start >= end)
			break;
		if (m->object == module->object) {
			if (m->offset + (start - m->start) != offset)
				return false;
			found |= has_fitting_perms(m, segment);
		} else if (is_anonymous(as, m)) {
			found |= (segment->perms & PERM_X) && (m->perms & PERM_X);
		}
	}
	return found;
}

static bool is_loaded(const struct addrspace *as, const struct module *module)
{
	const struct image *image = as->objects[module->object]->image;

	for (size_t i = 0; i < image->n_segments; i++)
		if (!has_segment(as, module, &image->segments[i]))
			return false;
	return true;
}

/* The first segment that has something in the file: its mapping gives the bias away. */
static const struct segment *first_filled(const struct image *image)
{
	for (size_t i = 0; i < image->n_segments; i++)
		if (image->segments[i].filesz > 0)
			return &image->segments[i];
	return NULL;
}

/* Whether `m` holds the first page of the image's first segment; *ret is the module it then makes. */
static bool begins_module(const struct addrspace *as, const struct mapping *m, struct module *ret)
{
	const struct image *image = as->objects[m->object]->image;
	const struct segment *first = first_filled(image);
	const struct segment *last = &image->segments[image->n_segments - 1];
	uint64_t offset;

	if (!first || (m->perms & PERM_SHARED))
		return false;
	offset = page_floor(as, first->offset);
	if (offset < m->offset || offset - m->offset >= m->end - m->start)
		return false;
	*ret = (struct module){ .object = m->object };
	ret->bias = m->start + (offset - m->offset) - page_floor(as, first->vaddr);
	ret->start = segment_start(as, ret, &image->segments[0]);
	ret->end = segment_end(as, ret, last);
	return ret->start < ret->end && is_loaded(as, ret);
}

static bool is_known(const struct addrspace *as, const struct module *module)
{
	for (size_t i = as->n_modules; i-- > 0;)
		if (as->modules[i].object == module->object && as->modules[i].bias == module->bias)
			return true;
	return false;
}

static int compare_modules(const void *a, const void *b)
{
	const struct module *x = a;
	const struct module *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

void find_modules(struct addrspace *as)
{
	struct module module;

	for (size_t i = 0; i < as->n_mappings; i++) {
		const struct mapping *m = &as->mappings[i];

		if (!as->objects[m->object]->image || !begins_module(as, m, &module) ||
		    is_known(as, &module))
			continue;
		mem_grow(as->modules, as->n_modules, as->cap_modules);
		as->modules[as->n_modules++] = module;
	}
	if (as->n_modules > 0)
		qsort(as->modules, as->n_modules, sizeof(*as->modules), compare_modules);
}
