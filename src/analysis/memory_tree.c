/* SPDX-License-Identifier: MIT */
#include "analysis/memory_tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* One region; after merging, all regions with the same place in the tree. */
struct leaf {
	const char *name, *path, *section;
	size_t len, path_len;
	uint8_t kind;
	uint64_t bytes, size, regions, start;
	uint64_t kind_bytes, name_bytes; /* sums over its kind, and over its name in that kind */
};

static int compare_text(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t common = MIN(a_len, b_len);
	int order = common > 0 && a != b ? memcmp(a, b, common) : 0;

	return order != 0 ? order : (a_len > b_len) - (a_len < b_len);
}

static int compare_names(const struct leaf *a, const struct leaf *b)
{
	int order = (a->kind > b->kind) - (a->kind < b->kind);

	if (order == 0)
		order = compare_text(a->name, a->len, b->name, b->len);
	return order != 0 ? order : compare_text(a->path, a->path_len, b->path, b->path_len);
}

static int compare_sections(const struct leaf *a, const struct leaf *b)
{
	if (!a->section || !b->section)
		return (a->section != NULL) - (b->section != NULL);
	return strcmp(a->section, b->section);
}

static int compare_places(const void *a, const void *b)
{
	int order = compare_names(a, b);

	return order != 0 ? order : compare_sections(a, b);
}

static int compare_bytes(uint64_t a, uint64_t b)
{
	return (a < b) - (a > b);
}

/* The largest first; equals by name. */
static int compare_sums(const void *a, const void *b)
{
	const struct leaf *x = a;
	const struct leaf *y = b;
	int order = compare_bytes(x->kind_bytes, y->kind_bytes);

	if (order == 0)
		order = (x->kind > y->kind) - (x->kind < y->kind);
	if (order == 0)
		order = compare_bytes(x->name_bytes, y->name_bytes);
	if (order == 0)
		order = compare_names(x, y);
	if (order == 0)
		order = compare_bytes(x->bytes, y->bytes);
	return order != 0 ? order : compare_sections(x, y);
}

/* ---- leaves ---- */

/* A name in brackets may have slashes, but is no path. */
static void set_name(struct leaf *leaf, const char *path, size_t len, bool is_path)
{
	const char *slash = is_path ? memrchr(path, '/', len) : NULL;

	leaf->path = leaf->name = path;
	leaf->path_len = leaf->len = len;
	if (slash && slash + 1 < path + len) {
		leaf->name = slash + 1;
		leaf->len = len - (size_t)(leaf->name - path);
	}
}

static void name_leaf(struct memory_tree *tree, const struct space *space, const struct region *region,
		      struct leaf *leaf)
{
	const struct object *object = region_name(space, region);

	if (object && object->name) {
		/* The user may have given a relative path. */
		bool is_path = object->name[0] == '/' || object->type == OBJECT_FILE;

		set_name(leaf, object->name, object->name_len, is_path);
	} else if (region->tid != NO_TID) {
		char *text = mem_format("thread:%d", region->tid);

		mem_grow(tree->texts, tree->n_texts, tree->cap_texts);
		tree->texts[tree->n_texts++] = text;
		set_name(leaf, text, strlen(text), false);
	} else if (region->kind == KIND_HEAP) {
		set_name(leaf, "arena", strlen("arena"), false);
	}
}

/*
 * An unknown counter counts as 0. Counters may come from a hostile file: the limit keeps their sums
 * from overflowing.
 */
static uint64_t measured(const struct space *space, const struct region *region, enum counter measure)
{
	uint64_t bytes;

	if (measure == MEASURE_SIZE)
		return region->end - region->start;
	bytes = region_counter(space, region, measure);
	return bytes == UNKNOWN ? 0 : MIN(bytes, UINT64_MAX / space->judgement.n_regions);
}

static struct leaf *list_leaves(struct memory_tree *tree, const struct space *space, const uint32_t *regions,
				size_t n)
{
	struct leaf *leaves = mem_alloc((n + 1) * sizeof(*leaves));

	for (size_t i = 0; i < n; i++) {
		const struct region *region = &space->judgement.regions[regions[i]];
		const struct section *section = region_section(space, region);

		leaves[i] = (struct leaf){
			.kind = region->kind,
			.bytes = measured(space, region, tree->measure),
			.size = region->end - region->start,
			.regions = 1,
			.start = region->start,
		};
		name_leaf(tree, space, region, &leaves[i]);
		if (leaves[i].name && section)
			leaves[i].section = section->name;
	}
	return leaves;
}

/* Merges leaves with the same place; returns how many are left. */
static size_t merge_leaves(struct leaf *leaves, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		struct leaf *last = kept > 0 ? &leaves[kept - 1] : NULL;

		if (!last || compare_places(last, &leaves[i]) != 0) {
			leaves[kept++] = leaves[i];
			continue;
		}
		last->bytes += leaves[i].bytes;
		last->size += leaves[i].size;
		last->regions += leaves[i].regions;
		last->start = MIN(last->start, leaves[i].start);
	}
	return kept;
}

static bool is_alike(const struct leaf *a, const struct leaf *b, enum tree_depth depth)
{
	return depth == TREE_KIND ? a->kind == b->kind : compare_names(a, b) == 0;
}

static bool has_name_of(const struct leaf *a, const struct leaf *b)
{
	return a->kind == b->kind && compare_text(a->name, a->len, b->name, b->len) == 0;
}

/* Leaves of one kind and name must be adjacent. */
static void tell_apart(struct leaf *leaves, size_t n)
{
	for (size_t first = 0, end; first < n; first = end) {
		bool is_ambiguous = false;

		for (end = first + 1; end < n && has_name_of(&leaves[first], &leaves[end]); end++)
			is_ambiguous |= compare_names(&leaves[first], &leaves[end]) != 0;
		for (size_t i = first; is_ambiguous && i < end; i++) {
			leaves[i].name = leaves[i].path;
			leaves[i].len = leaves[i].path_len;
		}
	}
}

static void add_up(struct leaf *leaves, size_t n, enum tree_depth depth)
{
	for (size_t first = 0, end; first < n; first = end) {
		uint64_t bytes = 0;

		for (end = first; end < n && is_alike(&leaves[first], &leaves[end], depth); end++)
			bytes += leaves[end].bytes;
		for (size_t i = first; i < end; i++)
			*(depth == TREE_KIND ? &leaves[i].kind_bytes : &leaves[i].name_bytes) = bytes;
	}
}

/* ---- nodes ---- */

static uint32_t open_node(struct memory_tree *tree, const struct leaf *leaf, enum tree_depth depth)
{
	struct tree_node *node;

	mem_grow(tree->nodes, tree->n, tree->cap);
	node = &tree->nodes[tree->n++];
	*node = (struct tree_node){ .depth = (uint8_t)depth, .kind = leaf->kind, .start = leaf->start };
	if (depth == TREE_KIND) {
		node->name = kinds[leaf->kind].name;
		node->len = kinds[leaf->kind].name_len;
	} else if (depth == TREE_NAME) {
		node->name = leaf->name;
		node->len = leaf->len;
	} else {
		node->name = leaf->section;
		node->len = strlen(leaf->section);
	}
	node->path = depth == TREE_NAME ? leaf->path : node->name;
	node->path_len = depth == TREE_NAME ? leaf->path_len : node->len;
	return (uint32_t)(tree->n - 1);
}

static void add_leaf(struct tree_node *node, const struct leaf *leaf)
{
	node->bytes += leaf->bytes;
	node->size += leaf->size;
	node->regions += leaf->regions;
	node->start = MIN(node->start, leaf->start);
}

static bool has_depth(const struct leaf *leaf, enum tree_depth depth)
{
	return depth == TREE_KIND || (depth == TREE_NAME ? leaf->name != NULL : leaf->section != NULL);
}

/* Adds the nodes of `n` leaves that are alike above this depth. */
static void add_nodes(struct memory_tree *tree, const struct leaf *leaves, size_t n, enum tree_depth depth)
{
	for (size_t first = 0, end; first < n; first = end) {
		uint32_t node;

		end = first + 1;
		if (!has_depth(&leaves[first], depth))
			continue;
		while (depth != TREE_SECTION && end < n && is_alike(&leaves[first], &leaves[end], depth))
			end++;
		node = open_node(tree, &leaves[first], depth);
		for (size_t i = first; i < end; i++)
			add_leaf(&tree->nodes[node], &leaves[i]);
		if (tree->nodes[node].bytes == 0)
			tree->n--;
		else if (depth + 1 < N_TREE_DEPTHS)
			add_nodes(tree, leaves + first, end - first, depth + 1);
		if (node < tree->n)
			tree->nodes[node].next = (uint32_t)tree->n;
	}
}

static bool is_known(const struct space *space, enum counter measure)
{
	for (size_t i = 0; i < space->judgement.n_regions; i++)
		if (region_counter(space, &space->judgement.regions[i], measure) != UNKNOWN)
			return true;
	return false;
}

void memory_tree_build(struct memory_tree *tree, const struct space *space, const uint32_t *regions, size_t n,
		       enum counter measure)
{
	_cleanup_free_ struct leaf *leaves = NULL;

	*tree = (struct memory_tree){
		.measure = measure != MEASURE_SIZE && is_known(space, measure) ? measure : MEASURE_SIZE,
	};
	leaves = list_leaves(tree, space, regions, n);
	mem_sort(leaves, n, sizeof(*leaves), compare_places);
	n = merge_leaves(leaves, n);
	tell_apart(leaves, n);
	add_up(leaves, n, TREE_KIND);
	add_up(leaves, n, TREE_NAME);
	mem_sort(leaves, n, sizeof(*leaves), compare_sums);
	add_nodes(tree, leaves, n, TREE_KIND);
	for (size_t i = 0; i < tree->n; i = tree->nodes[i].next)
		tree->bytes += tree->nodes[i].bytes;
}

uint64_t memory_tree_rest(const struct memory_tree *tree, size_t node)
{
	uint64_t rest = tree->nodes[node].bytes;

	for (size_t i = node + 1; i < tree->nodes[node].next; i = tree->nodes[i].next)
		rest -= tree->nodes[i].bytes;
	return rest;
}

void memory_tree_done(struct memory_tree *tree)
{
	for (size_t i = 0; i < tree->n_texts; i++)
		free(tree->texts[i]);
	free(tree->texts);
	free(tree->nodes);
	*tree = (struct memory_tree){ 0 };
}
