/* SPDX-License-Identifier: MIT */
#include "analysis/emit_segment.h"

#include "base/range.h"

/*
 * How many sections are looked at in all: for each mapping of a segment, all that the segment has. A hostile
 * file has many of both.
 */
#define LOOKS_MAX (1 << 26)

/* The pages of one segment that one mapping holds. Addresses include the bias. */
struct piece {
	const struct mapping *m;
	const struct image *image;
	const struct segment *segment;
	int32_t module;
	bool is_vdso; /* made by the kernel: KIND_VDSO, whatever it holds */
	bool is_copy; /* not the file's pages, but possibly a copy of their data */
	uint64_t bias;
	uint64_t start, end;		 /* pages of the segment in this mapping */
	uint64_t relro_start, relro_end; /* pages that the loader makes read-only, if it does */
};

static bool is_protected(const struct piece *p, uint64_t addr)
{
	return !(p->m->perms & PERM_W) && addr >= p->relro_start && addr < p->relro_end;
}

static enum kind writable_kind(const struct piece *p, uint64_t addr)
{
	return is_protected(p, addr) ? KIND_RELRO : KIND_DATA;
}

static enum kind content_kind(const struct piece *p, unsigned perms, uint64_t addr)
{
	if (perms & PERM_X)
		return KIND_TEXT;
	if (perms & PERM_W)
		return writable_kind(p, addr);
	return perms & PERM_R ? KIND_RODATA : KIND_RESERVED;
}

/* The index of the first section that ends above an address as linked. */
static size_t find_section(const struct image *image, uint64_t addr)
{
	return range_find(image->sections, image->n_sections, sizeof(*image->sections), addr);
}

/* Emits bytes of a segment, without padding, section by section. */
static void emit_bytes(struct classifier *c, const struct piece *p, uint64_t start, uint64_t end,
		       enum kind kind, enum basis basis)
{
	const struct image *image = p->image;
	struct verdict j = { kind, basis, p->module, NO_TID, 0 };

	if (start >= end)
		return;
	if (kind < N_MODULE_KINDS)
		c->judgement->modules[p->module].sizes[kind] += end - start;
	if (p->is_vdso) {
		j.kind = KIND_VDSO;
		j.basis = BASIS_NAME;
	}
	for (size_t i = find_section(image, start - p->bias); i < image->n_sections; i++) {
		const struct section *section = &image->sections[i];
		uint64_t stop = MIN(end, p->bias + section->end);

		if (p->bias + section->start >= end)
			break;
		j.section = 0;
		emit_region(c, start, p->bias + section->start, &j);
		start = MAX(start, p->bias + section->start);
		j.section = (uint32_t)i + 1;
		emit_region(c, start, stop, &j);
		start = stop;
	}
	j.section = 0;
	emit_region(c, start, end, &j);
}

/* Emits the part of [start, end) that lies in the mapping; RELRO covers whole pages. */
static void emit_content(struct classifier *c, const struct piece *p, uint64_t start, uint64_t end,
			 unsigned perms, enum basis basis)
{
	const uint64_t cuts[] = { p->relro_start, p->relro_end, UINT64_MAX };

	start = MAX(start, p->start);
	end = MIN(end, p->end);
	for (size_t i = 0; i < ARRAY_SIZE(cuts) && start < end; i++) {
		uint64_t stop = MIN(end, MAX(start, cuts[i]));

		emit_bytes(c, p, start, stop, content_kind(p, perms, start), basis);
		start = stop;
	}
}

static bool decides_in(const struct section *section, const struct segment *segment)
{
	return section->decides && section->start >= segment->vaddr &&
	       section->end <= segment->vaddr + segment->filesz;
}

/* Whether the sections between two addresses as linked may be looked at. */
static bool may_look(struct classifier *c, const struct image *image, uint64_t start, uint64_t end)
{
	c->n_looks += find_section(image, end) - find_section(image, start);
	c->judgement->has_unsought_sections |= c->n_looks > LOOKS_MAX;
	return c->n_looks <= LOOKS_MAX;
}

/* Whether the sections show more than code in the segment's part of the file. */
static bool is_divided(struct classifier *c, const struct piece *p)
{
	const struct segment *segment = p->segment;
	uint64_t end = segment->vaddr + segment->filesz;
	bool has_code = false;

	if (!may_look(c, p->image, segment->vaddr, end))
		return false;

	for (size_t i = find_section(p->image, segment->vaddr); i < p->image->n_sections; i++) {
		const struct section *section = &p->image->sections[i];

		if (section->start >= end)
			break;
		if (!decides_in(section, segment))
			continue;
		if (!(section->perms & PERM_X) || (!has_code && section->start > segment->vaddr))
			return true;
		has_code = true;
	}
	return false;
}

/*
 * Emits the segment's part of the file. Sections, if known, divide it: each extends to the start of
 * the next, and the ELF headers precede the first.
 */
static void emit_file_part(struct classifier *c, const struct piece *p)
{
	const struct segment *segment = p->segment;
	uint64_t start = segment->vaddr;
	uint64_t end = segment->vaddr + segment->filesz;
	unsigned perms = PERM_R;

	if (p->image->n_sections == 0 || !is_divided(c, p)) {
		emit_content(c, p, p->bias + start, p->bias + end, segment->perms,
			     p->is_copy ? BASIS_PATTERN : BASIS_SEGMENT);
		return;
	}
	for (size_t i = find_section(p->image, start); i < p->image->n_sections; i++) {
		const struct section *section = &p->image->sections[i];

		if (section->start >= end)
			break;
		if (!decides_in(section, segment))
			continue;
		emit_content(c, p, p->bias + start, p->bias + section->start, perms, BASIS_SECTION);
		start = section->start;
		/* The .dynamic section of a vdso is marked writable, in a segment that is not. */
		perms = section->perms & segment->perms;
	}
	emit_content(c, p, p->bias + start, p->bias + end, perms, BASIS_SECTION);
}

static void emit_padding_in(struct classifier *c, const struct piece *p, uint64_t start, uint64_t end,
			    enum kind kind)
{
	struct verdict j = { kind, BASIS_SEGMENT, p->module, NO_TID, 0 };

	start = MAX(start, p->start);
	end = MIN(end, p->end);
	if (p->is_vdso) {
		/* The kernel made the vdso of whole pages: it has no padding. */
		j.kind = KIND_VDSO;
		j.basis = BASIS_NAME;
		emit_region(c, start, end, &j);
	} else {
		emit_padding(c, start, end, &j);
	}
}

/*
 * Memory in RELRO that is not in the file is no .bss: it holds copies of constants, and the
 * linker's padding up to the end of the last page.
 */
static void emit_relro_zeroes(struct classifier *c, const struct piece *p, uint64_t start, uint64_t end)
{
	const struct image *image = p->image;
	enum kind kind = is_protected(p, MAX(start, p->start)) ? KIND_RELRO : KIND_BSS;
	size_t n = may_look(c, image, start - p->bias, end - p->bias) ? image->n_sections : 0;

	for (size_t i = find_section(image, start - p->bias); i < n; i++) {
		const struct section *section = &image->sections[i];
		/* A section of a segment that overlaps this one may go beyond it. */
		uint64_t section_start = MAX(start, p->bias + section->start);
		uint64_t section_end = MIN(end, p->bias + section->end);

		if (section_start >= end)
			break;
		if (!section->decides)
			continue;
		emit_padding_in(c, p, start, section_start, kind);
		emit_bytes(c, p, MAX(section_start, p->start), MIN(section_end, p->end), kind, BASIS_SEGMENT);
		start = section_end;
	}
	/* Linker padding always ends with a page. */
	if (start < end && (end & (c->facts->page_size - 1)) != 0)
		emit_bytes(c, p, MAX(start, p->start), MIN(end, p->end), kind, BASIS_SEGMENT);
	else
		emit_padding_in(c, p, start, end, kind);
}

/*
 * Memory beyond the segment's part of the file. A segment without access is reserved, unless its
 * mapping has access.
 */
static enum kind zero_kind(const struct piece *p)
{
	return has_access(p->segment->perms) || has_access(p->m->perms) ? KIND_BSS : KIND_RESERVED;
}

/* From p_filesz to p_memsz. */
static void emit_zero_part(struct classifier *c, const struct piece *p)
{
	uint64_t start = p->bias + p->segment->vaddr + p->segment->filesz;
	uint64_t end = p->bias + p->segment->vaddr + p->segment->memsz;
	uint64_t relro_end = MIN(end, p->bias + p->image->relro_end);

	if (!(p->segment->perms & PERM_W) && has_access(p->segment->perms)) {
		emit_content(c, p, start, end, p->segment->perms, BASIS_SEGMENT);
		return;
	}
	if (start >= p->bias + p->image->relro_start && start < relro_end) {
		emit_relro_zeroes(c, p, start, relro_end);
		start = relro_end;
	}
	emit_bytes(c, p, MAX(start, p->start), MIN(end, p->end), zero_kind(p), BASIS_SEGMENT);
}

void emit_segment(struct classifier *c, const struct mapping *m, const struct span *span, uint64_t from,
		  uint64_t to)
{
	const struct facts *facts = c->facts;
	const struct module *module = &c->judgement->modules[span->module];
	const struct segment *segment = span->segment;
	uint64_t pages = ~(facts->page_size - 1);
	struct piece p = {
		.m = m,
		.image = facts->objects[module->object]->image,
		.segment = segment,
		.module = span->module,
		.is_vdso = is_vdso(facts->objects[module->object]),
		.is_copy = m->object != module->object && !(segment->perms & PERM_X),
		.bias = module->bias,
		.start = from,
		.end = to,
	};
	uint64_t start = p.bias + segment->vaddr;
	uint64_t end = start + segment->memsz;

	p.relro_start = (p.bias + p.image->relro_start) & pages;
	p.relro_end = (p.bias + p.image->relro_end) & pages;
	emit_padding_in(c, &p, p.start, start, content_kind(&p, segment->perms, p.start));
	emit_file_part(c, &p);
	emit_zero_part(c, &p);
	emit_padding_in(c, &p, end, p.end,
			segment->memsz > segment->filesz ? zero_kind(&p) :
							   content_kind(&p, segment->perms, p.start));
}
