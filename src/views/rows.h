/* SPDX-License-Identifier: MIT */
/*
 * What the rows of views are whose data is no struct of the model: for the views, and for the reader of what they
 * have written.
 */
#pragma once

#include "analysis/layout.h"
#include "model/space.h"

/* ---- of --modules ---- */

struct module_row {
	const struct module *module; /* NULL: the sum of all rows */
	uint64_t sizes[N_MODULE_KINDS], padding;
	uint64_t *usage; /* by slot of space->facts.usage */
};

/* ---- of --at ---- */

/* Of an address that is in no region: a region beside it, or none. */
struct neighbour {
	const struct region *region; /* or NULL */
	uint64_t distance;	     /* in bytes, from its end or to its start */
};

enum { BELOW, ABOVE };

struct at_row {
	const struct lookup *lookup;
	const struct region *region; /* NULL: nothing is mapped there */
	char *symbol;		     /* with the offset in it; NULL: none */
	char *page;
	char *block;		  /* of malloc, that holds it, in words; NULL: none is known */
	char *text;		  /* the first bytes of the block, with dots; NULL: not shown */
	char *demangled;	  /* the symbol, without an offset; NULL: it is as the programmer wrote it */
	struct neighbour next[2]; /* the nearest regions below and above, */
	char *below, *above;	  /* and the same in words */
};

/* ---- of --heap ---- */

struct arena_row {
	const struct heap_arena *arena;
	const char *name, *tids;
};

/* What it is called in a table; the caller frees it. */
char *arena_name(const struct heap_arena *arena);

/* ---- of --blocks ---- */

struct block_row {
	const struct block_group *group;
	const char *name;
};

/* ---- of --frames ---- */

struct frame_row {
	const struct frame *frame;
	const struct location *location;
	const char *function, *source; /* with the offset and the line; NULL: not known */
	const char *demangled;	       /* the function; NULL: it is as the programmer wrote it */
	uint64_t number, percent;
};

/* ---- of --layout ---- */

struct band_row {
	struct band band;
	const char *label;
};
