/* SPDX-License-Identifier: MIT */
/*
 * What of an address space is shown, and in which order; and the totals of just that.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addrspace.h"
#include "column.h"

struct view_spec {
	unsigned kinds; /* bits 1 << KIND_…; 0: all */
	bool has_range;
	uint64_t low, high;	    /* regions that hold any address from low to high, both inside */
	unsigned perms, perms_mask; /* PERM_* bits that are looked at, and what they must be */
	const char *name;	    /* a pattern for fnmatch(3), or NULL */
	const struct column *sort;  /* NULL: by address */
	bool is_descending;
};

struct total {
	enum kind kind; /* N_KINDS: all of them */
	uint64_t regions, size, padding;
	uint64_t *usage; /* sums, by slot of as->usage; UNKNOWN where nothing was known */
};

/* Memory that its owner has named: all regions of one name. */
struct named_total {
	const struct object *object;
	uint64_t regions, size;
	uint64_t *usage; /* as in struct total; the view owns it */
};

struct view {
	const struct addrspace *as;
	uint32_t *rows; /* indices of regions */
	size_t n_rows;
	struct total totals[N_KINDS + 1]; /* by kind; the last one is the sum */
	struct named_total *named;	  /* in the order of their first regions */
	size_t n_named, cap_named;
	uint64_t *total_usage; /* what totals[].usage point into */
};

/* `as` must outlive the view. The caller frees what the view holds with view_done(). */
void view_build(struct view *view, const struct addrspace *as, const struct view_spec *spec);
void view_done(struct view *view);
