/* SPDX-License-Identifier: MIT */
/*
 * Regions, in the order of addresses: what is alike becomes one, and padding goes to its neighbour within the mapping.
 */
#pragma once

#include <stdbool.h>

#include "model/facts.h"
#include "model/judgement.h"

/* What some bytes are. */
struct verdict {
	enum kind kind;
	enum basis basis;
	int32_t module;
	int32_t tid;
	uint32_t section; /* as in struct region */
};

/* The pages of one segment of one module. */
struct span {
	uint64_t start, end;
	const struct segment *segment;
	int32_t module;
	bool is_lost; /* nothing in its place is of the segment */
};

/* What classify() knows while it goes from mapping to mapping. */
struct classifier {
	const struct facts *facts;
	struct judgement *judgement;
	bool cuts;	    /* regions end where sections do */
	bool *has_module;   /* by object */
	struct span *spans; /* sorted, disjoint */
	size_t n_spans, cap_spans;
	size_t next_span;		 /* the first one that ends above what has been judged */
	size_t next_anon_use;		 /* likewise, of judgement->anon_uses */
	uint64_t stack_start, stack_end; /* the main stack, with the parts that lost their label */

	/* The mapping at hand, and whether its last region may still grow. */
	uint32_t mapping;
	bool has_open;
	/* Padding that waits for what it belongs to. */
	uint64_t padding_start, padding_end;
	struct verdict padding;
};

/* A region of its own. */
void push_region(struct classifier *c, uint64_t start, uint64_t end, uint64_t padding,
		 const struct verdict *j);

/* Joins the open region, if that is of the same. */
void emit_region(struct classifier *c, uint64_t start, uint64_t end, const struct verdict *j);

/* `j` is what the padding is when it stands alone. */
void emit_padding(struct classifier *c, uint64_t start, uint64_t end, const struct verdict *j);

/* Padding that found no neighbour is a region of its own. */
void flush_padding(struct classifier *c);
