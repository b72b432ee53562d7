/* SPDX-License-Identifier: MIT */
/*
 * Judgement: what the facts mean. find_modules(), find_anon_uses(), classify() and the dividing of
 * counters derive it, in this order, from the facts and nothing else.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"
#include "model/kind.h"

struct module {		     /* one ELF image as it is mapped */
	uint64_t start, end; /* from its first page to its last, holes included */
	uint64_t bias;	     /* added to the file's addresses, modulo 2^64 */
	uint32_t object;
	bool is_partial;		/* nothing of the file is mapped where a segment should be */
	uint64_t sizes[N_MODULE_KINDS]; /* of its regions by kind, without padding */
	uint64_t padding;
};

/*
 * A range of anonymous memory whose use is known: a thread's stack, its guard, an arena's heap.
 * It may be a part of a mapping.
 */
struct anon_use {
	uint64_t start, end;
	enum kind kind;
	enum basis basis;
	int32_t tid;
};

#define NO_MODULE (-1)

struct region { /* a range inside one mapping that has one meaning */
	uint64_t start, end;
	uint64_t padding; /* bytes outside the segment, mapped only because pages are whole */
	uint32_t mapping;
	uint32_t usage;	  /* its row of counters: in facts.usage or, with a higher number, in shares */
	int32_t module;	  /* or NO_MODULE */
	int32_t tid;	  /* the thread whose stack it is, or NO_TID */
	uint32_t section; /* the one section that it lies in: 1 + an index; 0: none, several or not read */
	uint8_t kind;	  /* enum kind */
	uint8_t basis;	  /* enum basis */
};

/*
 * Counters of regions that differ from their mappings' counters. Rows have the slots of facts.usage, and
 * their numbers continue from its last row.
 */
struct shares {
	uint64_t *values;
	size_t n_rows, cap_rows;
	bool are_counted; /* page by page, not by dividing a mapping's */
};

/* The stack of a thread; UNKNOWN: not found. */
struct stack_range {
	uint64_t start, end; /* above the guard */
	uint64_t guard;	     /* bytes right below it that protect it */
};

#define NO_REGION UINT32_MAX

struct judgement {
	struct module *modules; /* sorted by start */
	size_t n_modules, cap_modules;
	bool has_unsought_modules;  /* there may be more: looking for all would take too long */
	bool has_unsought_sections; /* likewise, of sections that divide segments */
	struct anon_use *anon_uses; /* sorted, disjoint */
	size_t n_anon_uses, cap_anon_uses;
	struct region *regions; /* sorted, disjoint, covering every mapping exactly */
	size_t n_regions, cap_regions;
	struct shares shares;
	bool has_cuts;		    /* regions end where sections do */
	struct stack_range *stacks; /* one for each of facts.threads, in order */
	uint64_t core_size; /* memory in a core that it would leave now; UNKNOWN: not asked, or not known */
};

void judgement_done(struct judgement *judgement);

/* The index of the region that holds an address, or NO_REGION. */
uint32_t judgement_region(const struct judgement *judgement, uint64_t addr) _pure_;

/* The index of the first region that ends above an address; n_regions if there is none. */
size_t judgement_next_region(const struct judgement *judgement, uint64_t addr) _pure_;
