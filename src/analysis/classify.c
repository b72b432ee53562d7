/* SPDX-License-Identifier: MIT */
#include "analysis/classify.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/modules.h"
#include "analysis/names.h"
#include "base/mem.h"
#include "base/range.h"

/* The pages of one segment of one module. */
struct span {
	uint64_t start, end;
	const struct segment *segment;
	int32_t module;
	bool is_lost; /* nothing in its place is of the segment */
};

struct verdict {
	enum kind kind;
	enum basis basis;
	int32_t module;
	int32_t tid;
	uint32_t section; /* as in struct region */
};

struct classifier {
	const struct facts *facts;
	struct judgement *judgement;
	bool cuts;	    /* regions end where sections do */
	struct span *spans; /* sorted, disjoint */
	size_t n_spans, cap_spans;
	size_t next_span;		 /* the first one that ends above what has been judged */
	size_t next_anon_use;		 /* likewise, of as->anon_uses */
	uint64_t stack_start, stack_end; /* the main stack, with the parts that lost their label */

	/* The mapping at hand, and whether its last region may still grow. */
	uint32_t mapping;
	bool has_open;
	/* Padding that waits for what it belongs to. */
	uint64_t padding_start, padding_end;
	struct verdict padding;
};

/* ---- building regions; padding goes to its neighbour within the mapping ---- */

static void push(struct classifier *c, uint64_t start, uint64_t end, uint64_t padding,
		 const struct verdict *j)
{
	struct judgement *judgement = c->judgement;

	/* Few mappings are of more than one kind. */
	mem_grow_from(judgement->regions, judgement->n_regions, judgement->cap_regions,
		      c->facts->n_mappings + c->facts->n_mappings / 4 + 64);
	judgement->regions[judgement->n_regions++] = (struct region){
		.start = start,
		.end = end,
		.padding = padding,
		.mapping = c->mapping,
		.usage = c->mapping,
		.module = j->module,
		.tid = j->tid,
		.section = j->section,
		.kind = (uint8_t)j->kind,
		.basis = (uint8_t)j->basis,
	};
	c->has_open = true;
}

static struct region *open_region(struct classifier *c)
{
	return c->has_open ? &c->judgement->regions[c->judgement->n_regions - 1] : NULL;
}

/* Padding that found no neighbour is a region of its own. */
static void flush_padding(struct classifier *c)
{
	if (c->padding_start < c->padding_end)
		push(c, c->padding_start, c->padding_end, c->padding_end - c->padding_start, &c->padding);
	c->padding_start = c->padding_end = 0;
}

/* Padding where regions end with sections: no section covers it. */
static void push_separate(struct classifier *c, uint64_t start, uint64_t end, const struct verdict *neighbour)
{
	struct verdict j = *neighbour;

	j.section = 0;
	push(c, start, end, end - start, &j);
}

static bool is_alike(const struct region *region, const struct verdict *j)
{
	return region->kind == j->kind && region->module == j->module && region->basis == j->basis &&
	       region->tid == j->tid;
}

static void emit(struct classifier *c, uint64_t start, uint64_t end, const struct verdict *j)
{
	struct region *open;
	uint64_t padding = 0;

	if (start >= end)
		return;
	if (c->padding_start < c->padding_end && c->padding.module == j->module) {
		if (c->cuts) {
			push_separate(c, c->padding_start, c->padding_end, j);
		} else {
			padding = c->padding_end - c->padding_start;
			start = c->padding_start;
		}
		c->padding_start = c->padding_end = 0;
	}
	flush_padding(c);
	open = open_region(c);
	if (open && is_alike(open, j) && (open->section == j->section || !c->cuts)) {
		open->end = end;
		open->padding += padding;
		if (open->section != j->section)
			open->section = 0;
		return;
	}
	push(c, start, end, padding, j);
}

/* `j` is what the padding is when it stands alone. */
static void emit_padding(struct classifier *c, uint64_t start, uint64_t end, const struct verdict *j)
{
	struct region *open = open_region(c);

	if (start >= end)
		return;
	if (c->padding_start < c->padding_end) {
		c->padding_end = end;
	} else if (open && open->module == j->module && c->cuts) {
		push_separate(c, start, end,
			      &(struct verdict){ open->kind, open->basis, j->module, open->tid, 0 });
	} else if (open && open->module == j->module) {
		open->end = end;
		open->padding += end - start;
	} else {
		c->padding_start = start;
		c->padding_end = end;
		c->padding = *j;
	}
}

/* ---- inside a segment ---- */

/* One segment where a mapping holds some of its pages. Addresses with the bias applied. */
struct piece {
	const struct mapping *m;
	const struct image *image;
	const struct segment *segment;
	int32_t module;
	bool is_vdso; /* of the kernel's own making, and called so whatever it holds */
	bool is_copy; /* not the file's pages, but what may be data copied from them */
	uint64_t bias;
	uint64_t start, end;		 /* pages of the segment in this mapping */
	uint64_t relro_start, relro_end; /* pages that the loader protects, if it does */
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

/* The first section that ends above an address of the file. */
static size_t find_section(const struct image *image, uint64_t addr)
{
	return range_find(image->sections, image->n_sections, sizeof(*image->sections), addr);
}

/* Bytes of a segment, without padding, and in which section they are. */
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
		emit(c, start, p->bias + section->start, &j);
		start = MAX(start, p->bias + section->start);
		j.section = (uint32_t)i + 1;
		emit(c, start, stop, &j);
		start = stop;
	}
	j.section = 0;
	emit(c, start, end, &j);
}

/* Emits what lies in both [start, end) and the mapping; RELRO ends where its pages do. */
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

/* Whether there is more in the file's part of a segment than code, by its sections. */
static bool is_divided(const struct piece *p)
{
	const struct segment *segment = p->segment;
	uint64_t end = segment->vaddr + segment->filesz;
	bool has_code = false;

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
 * The file's part of a segment. Sections divide it where they are known: from the start of
 * each to the start of the next, and what precedes the first are the ELF headers.
 */
static void emit_file_part(struct classifier *c, const struct piece *p)
{
	const struct segment *segment = p->segment;
	uint64_t start = segment->vaddr;
	uint64_t end = segment->vaddr + segment->filesz;
	unsigned perms = PERM_R;

	if (p->image->n_sections == 0 || !is_divided(p)) {
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
		/* The dynamic section of a vdso calls itself writable, in a segment that is not. */
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
		/* The kernel made the image of whole pages. */
		j.kind = KIND_VDSO;
		j.basis = BASIS_NAME;
		emit(c, start, end, &j);
	} else {
		emit_padding(c, start, end, &j);
	}
}

/*
 * Inside RELRO what is not in the file is no .bss, but copies of constants, and what the linker
 * puts there to fill up the last page.
 */
static void emit_relro_zeroes(struct classifier *c, const struct piece *p, uint64_t start, uint64_t end)
{
	const struct image *image = p->image;
	enum kind kind = is_protected(p, MAX(start, p->start)) ? KIND_RELRO : KIND_BSS;

	for (size_t i = find_section(image, start - p->bias); i < image->n_sections; i++) {
		const struct section *section = &image->sections[i];

		if (p->bias + section->start >= end)
			break;
		if (!section->decides)
			continue;
		emit_padding_in(c, p, start, p->bias + section->start, kind);
		emit_bytes(c, p, MAX(p->start, p->bias + section->start), MIN(p->end, p->bias + section->end),
			   kind, BASIS_SEGMENT);
		start = p->bias + section->end;
	}
	/* Whoever fills up a page ends with it. */
	if (start < end && (end & (c->facts->page_size - 1)) != 0)
		emit_bytes(c, p, MAX(start, p->start), MIN(end, p->end), kind, BASIS_SEGMENT);
	else
		emit_padding_in(c, p, start, end, kind);
}

/* Memory beyond what is in the file. One without access is set aside, unless the kernel has given some. */
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

static void emit_segment(struct classifier *c, const struct mapping *m, const struct span *span,
			 uint64_t from, uint64_t to)
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

/* ---- outside of segments ---- */

static enum kind kind_by_perms(unsigned perms)
{
	if (perms & PERM_X)
		return KIND_TEXT;
	if (perms & PERM_W)
		return KIND_DATA;
	return perms & PERM_R ? KIND_RODATA : KIND_GUARD;
}

/* The module whose segments lie on both sides, or NO_MODULE. */
static int32_t surrounding_module(const struct classifier *c, uint64_t start)
{
	size_t next = c->next_span;

	if (next == 0 || next >= c->n_spans || c->spans[next - 1].module != c->spans[next].module ||
	    start < c->spans[next - 1].end)
		return NO_MODULE;
	return c->spans[next].module;
}

static bool fills_hole(const struct classifier *c, uint64_t start, uint64_t end)
{
	return start == c->spans[c->next_span - 1].end && end == c->spans[c->next_span].start;
}

/*
 * Between two segments of a module lie pages that its loader mapped whole and had no use for:
 * inaccessible with glibc, with the first segment's access with musl. Others set the whole range
 * aside first, and no part of it is left over: what fills only a part of the hole is not theirs.
 */
static bool emit_hole(struct classifier *c, const struct mapping *m, uint64_t start, uint64_t end)
{
	struct verdict j = {
		kind_by_perms(m->perms), BASIS_SEGMENT, surrounding_module(c, start), NO_TID, 0,
	};

	if (j.module == NO_MODULE)
		return false;
	if (m->object != c->judgement->modules[j.module].object &&
	    !(is_nameless(c->facts, m) && j.kind == KIND_GUARD && fills_hole(c, start, end)))
		return false;
	emit_padding(c, start, end, &j);
	return true;
}

static bool is_module_file(const struct judgement *judgement, uint32_t object)
{
	for (size_t i = 0; i < judgement->n_modules; i++)
		if (judgement->modules[i].object == object)
			return true;
	return false;
}

/*
 * A file outside of its module. Code of a module may be mapped a second time (V8 does so with
 * its built-in functions), and what is executable is code whatever the file. Where the headers
 * are out of reach, or nothing is where they want it, access rights are all there is to go by.
 */
static struct verdict judge_file(const struct classifier *c, const struct mapping *m)
{
	const struct object *object = mapping_object(c->facts, m);
	bool is_private = !(m->perms & PERM_SHARED);
	bool is_code = is_private && (m->perms & PERM_X);

	if (object->image && is_code && is_module_file(c->judgement, m->object))
		return (struct verdict){ KIND_TEXT, BASIS_SEGMENT, NO_MODULE, NO_TID, 0 };
	if (is_code || (is_private && object->headers == HEADERS_UNREADABLE && object->is_executable))
		return (struct verdict){ kind_by_perms(m->perms), BASIS_PERMS, NO_MODULE, NO_TID, 0 };
	return (struct verdict){ KIND_FILE, BASIS_PERMS, NO_MODULE, NO_TID, 0 };
}

static enum kind anon_kind(unsigned perms)
{
	if (perms & PERM_X)
		return KIND_JIT;
	return lacks_access(perms) ? KIND_RESERVED : KIND_ANON;
}

/* Whose the main stack is: of memory that is shared with the parent, a thread's of the parent. */
static int32_t main_thread(const struct facts *facts)
{
	return facts->process.shares_memory ? NO_TID : facts->process.pid;
}

static struct verdict judge_named(const struct classifier *c, const struct mapping *m)
{
	const struct object *object = mapping_object(c->facts, m);
	struct label label = find_name_meaning(object->name, object->name_len, m->perms);
	int32_t tid = label.tid;

	if (label.kind == KIND_ANON)
		label.kind = anon_kind(m->perms);
	if (label.kind == KIND_STACK && label.is_main)
		tid = main_thread(c->facts);
	return (struct verdict){ label.kind, BASIS_NAME, NO_MODULE, tid, 0 };
}

static struct verdict judge_anon(const struct classifier *c, const struct mapping *m)
{
	enum kind kind = anon_kind(m->perms);

	/* Parts of the main stack whose access was changed are mappings without the label. */
	if (m->start >= c->stack_start && m->end <= c->stack_end)
		return (struct verdict){ kind == KIND_RESERVED ? KIND_GUARD : KIND_STACK, BASIS_PATTERN,
					 NO_MODULE, main_thread(c->facts), 0 };
	return (struct verdict){ kind, BASIS_PERMS, NO_MODULE, NO_TID, 0 };
}

static struct verdict judge(const struct classifier *c, const struct mapping *m)
{
	switch (mapping_object(c->facts, m)->type) {
	case OBJECT_NONE:
		return judge_anon(c, m);
	case OBJECT_ZERO:
		return (struct verdict){ anon_kind(m->perms), BASIS_NAME, NO_MODULE, NO_TID, 0 };
	case OBJECT_PSEUDO:
	case OBJECT_KERNEL:
		return judge_named(c, m);
	case OBJECT_SHM:
		return (struct verdict){ KIND_SHM, BASIS_NAME, NO_MODULE, NO_TID, 0 };
	case OBJECT_DEVICE:
		return (struct verdict){ KIND_DEVICE, BASIS_NAME, NO_MODULE, NO_TID, 0 };
	case OBJECT_FILE:
		break;
	}
	return judge_file(c, m);
}

static void emit_judged(struct classifier *c, const struct mapping *m, uint64_t start, uint64_t end)
{
	struct verdict j;

	if (start >= end)
		return;
	j = judge(c, m);
	/*
	 * Old kernels call anything that touches the brk area [heap], .bss among it. The heap
	 * itself begins at start_brk.
	 */
	if (j.kind == KIND_HEAP && j.basis == BASIS_NAME && c->facts->process.start_brk != UNKNOWN &&
	    start < c->facts->process.start_brk) {
		struct verdict below = { anon_kind(m->perms), BASIS_PERMS, NO_MODULE, NO_TID, 0 };
		uint64_t brk = MIN(end, c->facts->process.start_brk);

		emit(c, start, brk, &below);
		start = brk;
	}
	emit(c, start, end, &j);
}

/* A part of what is otherwise a stack protects it where nothing can be written: SBCL lets its guards be read. */
static struct verdict judge_anon_use(const struct anon_use *anon_use, const struct mapping *m)
{
	bool is_stack = anon_use->kind == KIND_STACK;

	return (struct verdict){ is_stack && !(m->perms & PERM_W) ? KIND_GUARD : anon_use->kind,
				 anon_use->basis, NO_MODULE, anon_use->tid, 0 };
}

/* An arena is in nameless memory, or in the heap that brk() made; a stack wherever a program puts it. */
static bool may_hold(const struct facts *facts, const struct mapping *m, const struct anon_use *anon_use)
{
	bool is_stack = anon_use->kind == KIND_STACK || anon_use->kind == KIND_GUARD;

	return is_nameless(facts, m) || is_pseudo_path(mapping_object(facts, m), "[heap]") || is_stack;
}

/* What is no part of a module. The use of memory may be known in part. */
static void emit_other(struct classifier *c, const struct mapping *m, uint64_t start, uint64_t end)
{
	const struct judgement *judgement = c->judgement;

	while (c->next_anon_use < judgement->n_anon_uses &&
	       judgement->anon_uses[c->next_anon_use].end <= start)
		c->next_anon_use++;
	for (size_t i = c->next_anon_use; i < judgement->n_anon_uses; i++) {
		const struct anon_use *anon_use = &judgement->anon_uses[i];
		struct verdict j = judge_anon_use(anon_use, m);

		if (anon_use->start >= end)
			break;
		/* What is reserved has no access; what has some is something else by now. */
		if ((anon_use->kind == KIND_RESERVED && has_access(m->perms)) ||
		    !may_hold(c->facts, m, anon_use))
			continue;
		emit_judged(c, m, start, anon_use->start);
		start = MAX(start, anon_use->start);
		/* Neighbours are two stacks or heaps, also where nobody has asked whose they are. */
		c->has_open = false;
		emit(c, start, MIN(end, anon_use->end), &j);
		start = MIN(end, anon_use->end);
		c->has_open = false;
	}
	emit_judged(c, m, start, end);
}

static void emit_outside(struct classifier *c, const struct mapping *m, uint64_t start, uint64_t end)
{
	if (start < end && (c->n_spans == 0 || !emit_hole(c, m, start, end)))
		emit_other(c, m, start, end);
}

/*
 * Where a segment belongs: its pages, or anonymous memory that may be a copy of them, or that goes
 * on where they end. Anything else there replaces the segment; it does not become part of it.
 * Returns up to where it went.
 */
static uint64_t emit_in_place(struct classifier *c, const struct mapping *m, const struct span *span,
			      uint64_t start)
{
	const struct module *module = &c->judgement->modules[span->module];
	const struct segment *segment = span->segment;
	uint64_t end = MIN(m->end, span->end);
	uint64_t file_end = page_ceil(module->bias + segment->vaddr + segment->filesz, c->facts->page_size);
	bool is_part = is_anonymous(c->facts, m);

	if (segment->filesz > 0 && start < file_end && is_part && m->object != module->object) {
		is_part = may_be_copy_of(m, segment);
		end = MIN(end, file_end);
	}
	if (is_file_page_of(c->facts, module, segment, m, start) || (is_part && !span->is_lost))
		emit_segment(c, m, span, start, end);
	else
		emit_other(c, m, start, end);
	return end;
}

/* ---- the walk ---- */

static void collect_spans(struct classifier *c)
{
	const struct facts *facts = c->facts;
	const struct judgement *judgement = c->judgement;

	for (size_t i = 0; i < judgement->n_modules; i++) {
		const struct module *module = &judgement->modules[i];
		const struct image *image = facts->objects[module->object]->image;

		for (size_t k = 0; k < image->n_segments; k++) {
			mem_grow(c->spans, c->n_spans, c->cap_spans);
			c->spans[c->n_spans++] = (struct span){
				.start = segment_start(facts, module, &image->segments[k]),
				.end = segment_end(facts, module, &image->segments[k]),
				.segment = &image->segments[k],
				.module = (int32_t)i,
				.is_lost = module->is_partial &&
					   !has_segment(facts, module, &image->segments[k]),
			};
		}
	}
	range_sort(c->spans, c->n_spans, sizeof(*c->spans));
	if (range_are_disjoint(c->spans, c->n_spans, sizeof(*c->spans)))
		return;
	/* Where segments claim the same page, the one that begins later was mapped over the other. */
	c->spans = mem_realloc(c->spans, 2 * c->n_spans, sizeof(*c->spans));
	c->n_spans = range_overlay(c->spans, c->n_spans, sizeof(*c->spans));
}

/*
 * Nameless memory that no module, extent or stack has anything to do with. That is what large
 * processes are made of.
 */
static bool is_plain(struct classifier *c, const struct mapping *m)
{
	const struct judgement *judgement = c->judgement;

	while (c->next_span < c->n_spans && c->spans[c->next_span].end <= m->start)
		c->next_span++;
	while (c->next_anon_use < judgement->n_anon_uses &&
	       judgement->anon_uses[c->next_anon_use].end <= m->start)
		c->next_anon_use++;
	return is_nameless(c->facts, m) &&
	       (c->next_span == c->n_spans ||
		(c->spans[c->next_span].start >= m->end && surrounding_module(c, m->start) == NO_MODULE)) &&
	       (c->next_anon_use == judgement->n_anon_uses ||
		judgement->anon_uses[c->next_anon_use].start >= m->end) &&
	       (m->start < c->stack_start || m->end > c->stack_end);
}

static void classify_mapping(struct classifier *c, const struct mapping *m)
{
	uint64_t at = m->start;

	c->has_open = false;
	if (is_plain(c, m)) {
		struct verdict j = { anon_kind(m->perms), BASIS_PERMS, NO_MODULE, NO_TID, 0 };

		push(c, m->start, m->end, 0, &j);
		return;
	}
	while (at < m->end) {
		const struct span *span = c->next_span < c->n_spans ? c->spans + c->next_span : NULL;

		if (span && span->end <= at) {
			c->next_span++;
		} else if (span && span->start <= at) {
			at = emit_in_place(c, m, span, at);
		} else {
			uint64_t end = span ? MIN(m->end, span->start) : m->end;

			emit_outside(c, m, at, end);
			at = end;
		}
	}
	flush_padding(c);
}

static void add_up_padding(struct judgement *judgement)
{
	for (size_t i = 0; i < judgement->n_regions; i++) {
		const struct region *region = &judgement->regions[i];

		if (region->module != NO_MODULE)
			judgement->modules[region->module].padding += region->padding;
	}
}

void classify(const struct facts *facts, bool cuts, struct judgement *judgement)
{
	struct classifier c = { .facts = facts, .judgement = judgement, .cuts = cuts };

	collect_spans(&c);
	facts_main_stack_range(facts, &c.stack_start, &c.stack_end);
	for (size_t i = 0; i < facts->n_mappings; i++) {
		c.mapping = (uint32_t)i;
		classify_mapping(&c, &facts->mappings[i]);
	}
	free(c.spans);
	add_up_padding(judgement);
}
