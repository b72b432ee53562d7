/* SPDX-License-Identifier: MIT */
#include "analysis/emit_regions.h"

#include "base/mem.h"

void push_region(struct classifier *c, uint64_t start, uint64_t end, uint64_t padding,
		 const struct verdict *j)
{
	struct judgement *judgement = c->judgement;

	/* Few mappings hold more than one kind. */
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

void flush_padding(struct classifier *c)
{
	if (c->padding_start < c->padding_end)
		push_region(c, c->padding_start, c->padding_end, c->padding_end - c->padding_start,
			    &c->padding);
	c->padding_start = c->padding_end = 0;
}

/* With cuts, padding is a separate region: no section covers it. */
static void push_separate(struct classifier *c, uint64_t start, uint64_t end, const struct verdict *neighbour)
{
	struct verdict j = *neighbour;

	j.section = 0;
	push_region(c, start, end, end - start, &j);
}

static bool is_alike(const struct region *region, const struct verdict *j)
{
	return region->kind == j->kind && region->module == j->module && region->basis == j->basis &&
	       region->tid == j->tid;
}

void emit_region(struct classifier *c, uint64_t start, uint64_t end, const struct verdict *j)
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
	push_region(c, start, end, padding, j);
}

void emit_padding(struct classifier *c, uint64_t start, uint64_t end, const struct verdict *j)
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
