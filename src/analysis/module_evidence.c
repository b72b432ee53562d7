/* SPDX-License-Identifier: MIT */
#include "analysis/module_evidence.h"

#include "analysis/segments.h"

/* The distance between a segment's page addresses and its page offsets in the file. */
static uint64_t displacement(const struct segment *segment, uint64_t page_size)
{
	return page_floor(segment->vaddr, page_size) - page_floor(segment->offset, page_size);
}

/*
 * Whether loading displaces some segments relative to others. No plain mapping of the file does
 * that, so places alone decide, whatever the access. Without displacement, a file mapped as data
 * has everything in place too, and only access decides.
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

/* ---- what is mapped where a segment belongs ---- */

/* What the mappings in a segment's place hold of it. */
struct find {
	bool is_in_place;  /* some of the file's pages */
	bool fits;	   /* with the access that the headers ask for */
	bool is_special;   /* writable or executable, as the headers ask for */
	bool is_code;	   /* executable, as the headers ask for */
	bool is_copied;	   /* code in anonymous memory */
	bool is_refuted;   /* other pages of the same file */
	unsigned accesses; /* a bit for each combination of access rights of the pages in place */
	uint64_t end;	   /* of the last mapping with pages in place */
};

/* Whether these pages belong to another segment, mapped over the one that should be there. */
static bool is_overlaid(const struct facts *facts, const struct module *module, const struct mapping *m,
			uint64_t addr, size_t *n_looks)
{
	const struct image *image = facts->objects[module->object]->image;

	for (size_t i = 0; i < image->n_segments; i++, ++*n_looks) {
		const struct segment *segment = &image->segments[i];

		if (addr >= segment_start(facts, module, segment) &&
		    addr < segment_file_end(facts, module, segment) &&
		    is_file_page_of(facts, module, segment, m, addr))
			return true;
	}
	return false;
}

static struct find look_at(const struct facts *facts, const struct module *module,
			   const struct segment *segment, size_t *n_looks)
{
	uint64_t start = segment_start(facts, module, segment);
	uint64_t end = segment_file_end(facts, module, segment);
	struct find find = { 0 };

	for (size_t i = facts_find_mapping(facts, start); i < facts->n_mappings; i++, ++*n_looks) {
		const struct mapping *m = &facts->mappings[i];

		if (m->start >= end || *n_looks >= MODULE_LOOKS_MAX)
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
			find.is_refuted |= !is_overlaid(facts, module, m, MAX(m->start, start), n_looks);
		}
	}
	return find;
}

/* ---- whether all segments make a module ---- */

static void add_find(const struct facts *facts, const struct module *module, const struct segment *segment,
		     struct module_evidence *e, size_t *n_looks)
{
	struct find find = look_at(facts, module, segment, n_looks);
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
	e->end = MAX(e->end, segment_file_end(facts, module, segment));
}

struct module_evidence collect_module_evidence(const struct facts *facts, const struct module *module,
					       size_t *n_looks)
{
	const struct image *image = facts->objects[module->object]->image;
	struct module_evidence e = { .fits = true };

	for (size_t i = 0; i < image->n_segments && *n_looks < MODULE_LOOKS_MAX; i++, ++*n_looks) {
		const struct segment *segment = &image->segments[i];

		if (segment->filesz > 0 &&
		    segment_file_end(facts, module, segment) > module->bias + segment->vaddr)
			add_find(facts, module, segment, &e, n_looks);
		else
			e.n_missing += segment->filesz > 0;
	}
	e.is_cut = *n_looks >= MODULE_LOOKS_MAX;
	return e;
}

static bool has_several(unsigned bits)
{
	return (bits & (bits - 1)) != 0;
}

bool is_convincing(const struct facts *facts, const struct module *module, const struct module_evidence *e)
{
	if (e->is_cut)
		return false;
	if (e->n_missing == 0 &&
	    (e->fits || is_displaced(facts->objects[module->object]->image, facts->page_size)))
		return true;
	return e->is_displaced ||
	       (!e->is_refuted && e->n_in_place > 1 && e->is_special && has_several(e->accesses));
}

bool is_plausible(const struct facts *facts, const struct module *module, const struct module_evidence *e)
{
	return !e->is_cut && e->is_code && !e->is_refuted && e->mapped_end <= e->end &&
	       module->end - module->start > facts->page_size;
}
