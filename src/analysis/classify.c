/* SPDX-License-Identifier: MIT */
#include "analysis/classify.h"

#include <stdlib.h>

#include "analysis/emit_regions.h"
#include "analysis/emit_segment.h"
#include "analysis/judge_mapping.h"
#include "analysis/modules.h"
#include "analysis/segments.h"
#include "base/mem.h"
#include "base/range.h"

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
 * Between two segments of a module lie pages that the loader mapped along with the whole file and
 * does not use: glibc makes them inaccessible, musl leaves them the first segment's access. Other
 * loaders reserve the whole range first, so reserved memory fills the whole hole: anything that
 * fills only a part of it is not the loader's.
 */
static bool emit_hole(struct classifier *c, const struct mapping *m, uint64_t start, uint64_t end)
{
	struct verdict j = {
		judge_kind_by_perms(m->perms), BASIS_SEGMENT, surrounding_module(c, start), NO_TID, 0,
	};

	if (j.module == NO_MODULE)
		return false;
	if (m->object != c->judgement->modules[j.module].object &&
	    !(is_nameless(c->facts, m) && j.kind == KIND_GUARD && fills_hole(c, start, end)))
		return false;
	emit_padding(c, start, end, &j);
	return true;
}

/* The basis for nameless memory from `start` on. */
static enum basis nameless_basis(const struct mapping *m, uint64_t start)
{
	return m->begins_with_block && start == m->start ? BASIS_MALLOC : BASIS_PERMS;
}

static void emit_judged(struct classifier *c, const struct mapping *m, uint64_t start, uint64_t end)
{
	struct verdict j;

	if (start >= end)
		return;
	j = judge_mapping(c, m);
	if (j.kind == KIND_ANON && j.basis == BASIS_PERMS)
		j.basis = nameless_basis(m, start);
	/*
	 * Old kernels name everything that touches the brk area [heap], even .bss. The heap itself
	 * begins at start_brk.
	 */
	if (j.kind == KIND_HEAP && j.basis == BASIS_NAME && c->facts->process.start_brk != UNKNOWN &&
	    start < c->facts->process.start_brk) {
		struct verdict below = { judge_anon_kind(m->perms), BASIS_PERMS, NO_MODULE, NO_TID, 0 };
		uint64_t brk = MIN(end, c->facts->process.start_brk);

		emit_region(c, start, brk, &below);
		start = brk;
	}
	emit_region(c, start, end, &j);
}

/* A part of a stack that cannot be written to is a guard: SBCL's guards are readable. */
static struct verdict judge_anon_use(const struct anon_use *anon_use, const struct mapping *m)
{
	bool is_stack = anon_use->kind == KIND_STACK;

	return (struct verdict){ is_stack && !(m->perms & PERM_W) ? KIND_GUARD : anon_use->kind,
				 anon_use->basis, NO_MODULE, anon_use->tid, 0 };
}

/* An arena lies in nameless memory or in the brk heap; a stack, wherever a program puts it. */
static bool may_hold(const struct facts *facts, const struct mapping *m, const struct anon_use *anon_use)
{
	bool is_stack = anon_use->kind == KIND_STACK || anon_use->kind == KIND_GUARD;

	return is_nameless(facts, m) || is_pseudo_path(mapping_object(facts, m), "[heap]") || is_stack;
}

/* Emits memory outside modules. The use of only a part of it may be known. */
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
		/* Reserved memory has no access; if it has some, it is used for something else now. */
		if ((anon_use->kind == KIND_RESERVED && has_access(m->perms)) ||
		    !may_hold(c->facts, m, anon_use))
			continue;
		emit_judged(c, m, start, anon_use->start);
		start = MAX(start, anon_use->start);
		/* Adjacent uses are two stacks or heaps, even if nothing tells whose they are. */
		c->has_open = false;
		emit_region(c, start, MIN(end, anon_use->end), &j);
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
 * Emits memory where a segment belongs: the segment's pages, anonymous memory that may be a copy of
 * them, or anonymous memory that continues them. Anything else there replaces the segment and is no
 * part of it. Returns the address where it stopped.
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
	/* If two segments claim the same page, the one that begins later was mapped over the other. */
	c->spans = mem_realloc(c->spans, 2 * c->n_spans, sizeof(*c->spans));
	c->n_spans = range_overlay(c->spans, c->n_spans, sizeof(*c->spans));
}

/* Whether this is nameless memory that no module, anon_use or main stack touches: most of a large process. */
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
		struct verdict j = {
			judge_anon_kind(m->perms), nameless_basis(m, m->start), NO_MODULE, NO_TID, 0,
		};

		push_region(c, m->start, m->end, 0, &j);
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
	struct classifier c = { .facts = facts,
				.judgement = judgement,
				.cuts = cuts,
				.has_module = find_module_objects(facts, judgement) };

	collect_spans(&c);
	facts_main_stack_range(facts, &c.stack_start, &c.stack_end);
	for (size_t i = 0; i < facts->n_mappings; i++) {
		c.mapping = (uint32_t)i;
		classify_mapping(&c, &facts->mappings[i]);
	}
	free(c.spans);
	free(c.has_module);
	add_up_padding(judgement);
}

void note_unsought_sections(const struct judgement *judgement, struct notes *notes)
{
	if (judgement->has_unsought_sections)
		notes_warn(
			notes, "sections-unsought",
			"files have so many segments and sections that memmap does not look at all of them: some code "
			"and data is classified by access rights only");
}
