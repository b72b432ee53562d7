/* SPDX-License-Identifier: MIT */
/*
 * What differs between two trees of memory: by kind, and in each kind by name.
 */
#pragma once

#include "analysis/memory_tree.h"

enum { TREE_OLD, TREE_NEW, N_TREE_SIDES };

struct tree_change {
	char *key;  /* that both sides have: the name, once it is folded; NULL: a kind as a whole */
	char *name; /* any bytes; where several have one key, the key */
	uint8_t kind;
	uint64_t bytes[N_TREE_SIDES]; /* by the measure */
	uint64_t size[N_TREE_SIDES];  /* 0: it is not there on that side */
};

struct tree_changes {
	/* Each kind that either has, the largest change first; after it its names, likewise. */
	struct tree_change *items;
	size_t n, cap;
	enum counter measure; /* MEASURE_SIZE also where one side does not know another one */
	uint64_t bytes[N_TREE_SIDES];
};

/* What of a space is compared. */
struct tree_side {
	const struct space *space;
	const uint32_t *regions;
	size_t n;
};

/* Names are the same when fold_name() makes them so. The caller ends it with tree_changes_done(). */
void tree_changes_build(struct tree_changes *changes, const struct tree_side sides[N_TREE_SIDES],
			enum counter measure);
void tree_changes_done(struct tree_changes *changes);

/* By how much it is more or less now. */
uint64_t tree_change_bytes(const struct tree_change *change, bool *ret_is_less);
