/* SPDX-License-Identifier: MIT */
/*
 * Emits regions in address order: neighbours that are alike become one, and padding joins its
 * neighbour in the same mapping.
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
	bool is_lost; /* nothing mapped in its place belongs to the segment */
};

/* What classify() knows while it goes from mapping to mapping. */
struct classifier {
	const struct facts *facts;
	struct judgement *judgement;
	bool cuts;	    /* regions end where sections do */
	bool *has_module;   /* by object */
	size_t n_looks;	    /* at sections, to find out how they divide segments */
	struct span *spans; /* sorted, disjoint */
	size_t n_spans, cap_spans;
	size_t next_span;		 /* the first one that ends above what has been judged */
	size_t next_anon_use;		 /* likewise, of judgement->anon_uses */
	uint64_t stack_start, stack_end; /* the main stack, with the parts that lost their label */

	/* The mapping at hand, and whether its last region may still grow. */
	uint32_t mapping;
	bool has_open;
	/* Padding that waits for the region it belongs to. */
	uint64_t padding_start, padding_end;
	struct verdict padding;
};

/* Adds a separate region. */
void push_region(struct classifier *c, uint64_t start, uint64_t end, uint64_t padding,
		 const struct verdict *j);

/* Extends the open region if it is alike; otherwise adds a region. */
void emit_region(struct classifier *c, uint64_t start, uint64_t end, const struct verdict *j);

/* `j`: what the padding is if it stands alone. */
void emit_padding(struct classifier *c, uint64_t start, uint64_t end, const struct verdict *j);

/* Adds padding that found no neighbour as a separate region. */
void flush_padding(struct classifier *c);
