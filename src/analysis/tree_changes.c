/* SPDX-License-Identifier: MIT */
#include "analysis/tree_changes.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/fold_name.h"
#include "base/mem.h"

#define NAMELESS "no name"

uint64_t tree_change_bytes(const struct tree_change *change, bool *ret_is_less)
{
	*ret_is_less = change->bytes[TREE_NEW] < change->bytes[TREE_OLD];
	return *ret_is_less ? change->bytes[TREE_OLD] - change->bytes[TREE_NEW] :
			      change->bytes[TREE_NEW] - change->bytes[TREE_OLD];
}

/* Adds a node, or the part of a kind that has no name. `is_size`: `bytes` are a size, not the measure. */
static void add_node(struct tree_changes *changes, const struct tree_node *node, uint64_t bytes, size_t side,
		     bool is_size)
{
	bool is_nameless = node->depth == TREE_KIND;
	struct tree_change *item;

	if (bytes == 0)
		return;
	mem_grow(changes->items, changes->n, changes->cap);
	item = &changes->items[changes->n++];
	*item = (struct tree_change){ .kind = node->kind };
	item->key = is_nameless ? mem_copy(NAMELESS, strlen(NAMELESS)) : fold_name(node->name, node->len);
	item->name = is_nameless ? mem_copy(NAMELESS, strlen(NAMELESS)) : mem_copy(node->name, node->len);
	*(is_size ? &item->size[side] : &item->bytes[side]) = bytes;
}

static void add_tree(struct tree_changes *changes, const struct memory_tree *tree, size_t side, bool is_size)
{
	for (size_t i = 0; i < tree->n; i++) {
		const struct tree_node *node = &tree->nodes[i];

		if (node->depth == TREE_KIND)
			add_node(changes, node, memory_tree_rest(tree, i), side, is_size);
		else if (node->depth == TREE_NAME)
			add_node(changes, node, node->bytes, side, is_size);
	}
}

/* The measure, if both sides have it; otherwise MEASURE_SIZE. */
static enum counter common_measure(const struct tree_side sides[N_TREE_SIDES], enum counter measure)
{
	for (size_t i = 0; i < N_TREE_SIDES; i++) {
		struct memory_tree tree;

		memory_tree_build(&tree, sides[i].space, sides[i].regions, 0, measure);
		measure = tree.measure;
		memory_tree_done(&tree);
	}
	return measure;
}

static void add_sides(struct tree_changes *changes, const struct tree_side sides[N_TREE_SIDES])
{
	const enum counter measures[] = { changes->measure, MEASURE_SIZE };

	for (size_t i = 0; i < N_TREE_SIDES; i++)
		for (size_t m = 0; m < ARRAY_SIZE(measures); m++) {
			struct memory_tree tree;

			memory_tree_build(&tree, sides[i].space, sides[i].regions, sides[i].n, measures[m]);
			add_tree(changes, &tree, i, m > 0);
			if (m == 0)
				changes->bytes[i] = tree.bytes;
			memory_tree_done(&tree);
		}
}

/* ---- sums ---- */

static int compare_keys(const void *a, const void *b)
{
	const struct tree_change *x = a;
	const struct tree_change *y = b;

	return x->kind != y->kind ? (x->kind > y->kind) - (x->kind < y->kind) : strcmp(x->key, y->key);
}

static void add_change(struct tree_change *sum, const struct tree_change *change)
{
	for (size_t i = 0; i < N_TREE_SIDES; i++) {
		sum->bytes[i] += change->bytes[i];
		sum->size[i] += change->size[i];
	}
}

static void free_item(struct tree_change *item)
{
	free(item->key);
	free(item->name);
}

static void add_like(struct tree_change *sum, struct tree_change *like)
{
	add_change(sum, like);
	if (strcmp(sum->name, like->name) != 0) {
		free(sum->name);
		sum->name = mem_copy(sum->key, strlen(sum->key));
	}
	free_item(like);
}

static void merge(struct tree_changes *changes)
{
	size_t n = 0;

	mem_sort(changes->items, changes->n, sizeof(*changes->items), compare_keys);
	for (size_t i = 0; i < changes->n; i++) {
		if (n > 0 && compare_keys(&changes->items[n - 1], &changes->items[i]) == 0) {
			add_like(&changes->items[n - 1], &changes->items[i]);
		} else {
			changes->items[n++] = changes->items[i];
		}
	}
	changes->n = n;
}

static void add_kinds(struct tree_changes *changes)
{
	struct tree_change sums[N_KINDS] = { 0 };

	for (size_t i = 0; i < changes->n; i++)
		add_change(&sums[changes->items[i].kind], &changes->items[i]);
	for (enum kind k = 0; k < N_KINDS; k++) {
		sums[k].kind = (uint8_t)k;
		if (sums[k].size[TREE_OLD] == 0 && sums[k].size[TREE_NEW] == 0)
			continue;
		mem_grow(changes->items, changes->n, changes->cap);
		changes->items[changes->n++] = sums[k];
	}
}

struct order {
	uint64_t of_kind[N_KINDS]; /* by kind, the size of its change */
};

static int compare_changes(const void *a, const void *b, void *context)
{
	const struct order *order = context;
	const struct tree_change *x = a;
	const struct tree_change *y = b;
	uint64_t p = order->of_kind[x->kind];
	uint64_t q = order->of_kind[y->kind];
	bool is_less;

	if (p == q && x->kind != y->kind)
		return (x->kind > y->kind) - (x->kind < y->kind);
	if (x->kind == y->kind) {
		if (!x->key || !y->key)
			return (x->key != NULL) - (y->key != NULL);
		p = tree_change_bytes(x, &is_less);
		q = tree_change_bytes(y, &is_less);
	}
	return p == q ? strcmp(x->key, y->key) : (p < q) - (p > q);
}

void tree_changes_build(struct tree_changes *changes, const struct tree_side sides[N_TREE_SIDES],
			enum counter measure)
{
	struct order order = { 0 };
	bool is_less;

	*changes = (struct tree_changes){ .measure = common_measure(sides, measure) };
	add_sides(changes, sides);
	merge(changes);
	add_kinds(changes);
	for (size_t i = 0; i < changes->n; i++)
		if (!changes->items[i].key)
			order.of_kind[changes->items[i].kind] =
				tree_change_bytes(&changes->items[i], &is_less);
	if (changes->n > 0)
		qsort_r(changes->items, changes->n, sizeof(*changes->items), compare_changes, &order);
}

void tree_changes_done(struct tree_changes *changes)
{
	for (size_t i = 0; i < changes->n; i++)
		free_item(&changes->items[i]);
	free(changes->items);
	*changes = (struct tree_changes){ 0 };
}
