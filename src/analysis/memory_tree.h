/* SPDX-License-Identifier: MIT */
/*
 * What memory is used for, as a tree: each kind, in it each name, in that each section, with the
 * sums over their regions. Flame graphs and pictures draw it.
 */
#pragma once

#include "model/space.h"

/* What the bytes of a tree measure: a counter, or the size of regions. */
#define MEASURE_SIZE N_COUNTERS

enum tree_depth { TREE_KIND, TREE_NAME, TREE_SECTION, N_TREE_DEPTHS };

struct tree_node {
	const char *name; /* any bytes; borrowed from the space or from the tree */
	size_t len;
	const char *path; /* the whole name if `name` is its last component; else the same */
	size_t path_len;
	uint8_t depth; /* enum tree_depth */
	uint8_t kind;
	uint32_t next;	/* index of the first node that is not below this one */
	uint64_t bytes; /* by the measure; never 0 */
	uint64_t size, regions;
	uint64_t start; /* lowest address */
};

struct memory_tree {
	struct tree_node *nodes; /* each node before its children; children by bytes, the largest first */
	size_t n, cap;
	uint64_t bytes;	      /* of all nodes that are kinds */
	enum counter measure; /* MEASURE_SIZE also if no region has the counter that was asked for */
	char **texts;
	size_t n_texts, cap_texts;
};

/*
 * Makes the tree of `n` regions, given by index. Memory without a name has no node below its kind.
 * Files with the same last component appear under their whole names. The space must outlive the
 * tree, which the caller ends with memory_tree_done().
 */
void memory_tree_build(struct memory_tree *tree, const struct space *space, const uint32_t *regions, size_t n,
		       enum counter measure);
void memory_tree_done(struct memory_tree *tree);

/* The bytes of a node that are in none of the nodes below it. */
uint64_t memory_tree_rest(const struct memory_tree *tree, size_t node) _pure_;
