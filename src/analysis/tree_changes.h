/* SPDX-License-Identifier: MIT */
/*
 * What differs between two trees of memory: by kind, and in each kind by name.
 */
#pragma once

#include "analysis/memory_tree.h"

enum { TREE_OLD, TREE_NEW, N_TREE_SIDES };

struct tree_change {
	char *key;  /* the folded name, the same on both sides; NULL: the kind as a whole */
	char *name; /* any bytes; if several names have this key, the key */
	uint8_t kind;
	uint64_t bytes[N_TREE_SIDES]; /* by the measure */
	uint64_t size[N_TREE_SIDES];  /* 0: absent on that side */
};

struct tree_changes {
	/* The kinds of both sides, the largest change first; each is followed by its names, likewise. */
	struct tree_change *items;
	size_t n, cap;
	enum counter measure; /* MEASURE_SIZE also if one side lacks the measure that was asked for */
	uint64_t bytes[N_TREE_SIDES];
};

/* The part of a space that is compared. */
struct tree_side {
	const struct space *space;
	const uint32_t *regions;
	size_t n;
};

/* Names are the same when fold_name() makes them so. The caller ends it with tree_changes_done(). */
void tree_changes_build(struct tree_changes *changes, const struct tree_side sides[N_TREE_SIDES],
			enum counter measure);
void tree_changes_done(struct tree_changes *changes);

/* The size of a change; *ret_is_less: there are fewer bytes now. */
uint64_t tree_change_bytes(const struct tree_change *change, bool *ret_is_less);
