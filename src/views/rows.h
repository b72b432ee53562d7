/* SPDX-License-Identifier: MIT */
/*
 * Types of rows that are no structs of the model: for the views that have them, and for the reader
 * of snapshots.
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

/* The nearest region below or above an address that is in no region. */
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
	char *block;		  /* malloc's block that holds it, in words; NULL: none is known */
	char *text;		  /* its first bytes, with dots for unprintable ones; NULL: not shown */
	char *demangled;	  /* the symbol demangled, without an offset; NULL: not possible */
	struct neighbour next[2]; /* the nearest regions below and above */
	char *below, *above;	  /* these regions, in words */
};

/* ---- of --heap ---- */

struct arena_row {
	const struct heap_arena *arena;
	const char *name, *tids;
};

/* The name of an arena in a table; the caller frees it. */
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
	const char *demangled;	       /* the function demangled; NULL: not possible */
	uint64_t number, percent;
};

/* ---- of --layout ---- */

struct band_row {
	struct band band;
	const char *label;
};
