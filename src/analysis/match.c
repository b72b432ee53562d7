/* SPDX-License-Identifier: MIT */
#include "analysis/match.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/match_keys.h"
#include "base/mem.h"

const char *const matched_names[N_MATCHED] = {
	[MATCHED_PLACE] = "place", [MATCHED_MODULE] = "module",	  [MATCHED_THREAD] = "thread",
	[MATCHED_NAME] = "name",   [MATCHED_FOLDED] = "folded",	  [MATCHED_NEIGHBOUR] = "neighbour",
	[MATCHED_MOVED] = "moved", [MATCHED_RENAMED] = "renamed",
};

/* ---- pairs ---- */

static const struct region *side_region(const struct side *side, uint32_t i)
{
	return &side->space->judgement.regions[i];
}

struct keyed {
	uint64_t key;
	uint32_t region;
};

static int compare_keyed(const void *a, const void *b)
{
	const struct keyed *x = a;
	const struct keyed *y = b;

	return x->key != y->key ? (x->key > y->key) - (x->key < y->key) :
				  (x->region > y->region) - (x->region < y->region);
}

/* The keys of regions without a partner, sorted; equal keys in address order. */
static struct keyed *list_keys(const struct side *side, key_fn *key, size_t *ret_n)
{
	size_t n_regions = side->space->judgement.n_regions;
	struct keyed *list = mem_array(n_regions, sizeof(*list));
	size_t n = 0;

	for (uint32_t i = 0; i < n_regions; i++)
		if (side->partner[i] == NO_REGION && key(side, side_region(side, i), &list[n].key))
			list[n++].region = i;
	if (n > 0)
		qsort(list, n, sizeof(*list), compare_keyed);
	*ret_n = n;
	return list;
}

struct matching {
	struct side old, now;
	uint8_t *how;
};

/* Equal hashes only make a pair likely; the kinds must be the same, or sums by kind would not agree. */
static void pair(struct matching *matching, uint32_t old, uint32_t now, enum matched how)
{
	if (side_region(&matching->old, old)->kind != side_region(&matching->now, now)->kind)
		return;
	matching->old.partner[old] = now;
	matching->now.partner[now] = old;
	matching->how[now] = (uint8_t)how;
}

static size_t count_equal(const struct keyed *list, size_t n)
{
	size_t i = 1;

	while (i < n && list[i].key == list[0].key)
		i++;
	return i;
}

/* Pairs the regions with the same key in order, from the first or, with `from_top`, from the last. */
static void pair_by(struct matching *matching, key_fn *key, enum matched how, bool from_top)
{
	size_t n_old, n_now, i = 0, j = 0;
	_cleanup_free_ struct keyed *old = list_keys(&matching->old, key, &n_old);
	_cleanup_free_ struct keyed *now = list_keys(&matching->now, key, &n_now);

	while (i < n_old && j < n_now) {
		if (old[i].key == now[j].key) {
			size_t n_i = count_equal(old + i, n_old - i);
			size_t n_j = count_equal(now + j, n_now - j);
			size_t n = MIN(n_i, n_j);

			for (size_t k = 0; k < n; k++)
				pair(matching, old[from_top ? i + n_i - 1 - k : i + k].region,
				     now[from_top ? j + n_j - 1 - k : j + k].region, how);
			i += n_i;
			j += n_j;
		} else if (old[i].key < now[j].key) {
			i++;
		} else {
			j++;
		}
	}
}

/* The hashes of all regions: each may overlap many of the other side. The caller frees them. */
static uint64_t *list_identities(const struct side *side)
{
	size_t n = side->space->judgement.n_regions;
	uint64_t *identities = mem_array(n, sizeof(*identities));

	for (uint32_t i = 0; i < n; i++)
		if (side->partner[i] == NO_REGION)
			identities[i] = hash_identity(side, side_region(side, i));
	return identities;
}

/* A region that has grown or shrunk at both ends still overlaps its old addresses. */
static void pair_overlapping(struct matching *matching)
{
	const struct judgement *old = &matching->old.space->judgement;
	const struct judgement *now = &matching->now.space->judgement;
	_cleanup_free_ uint64_t *of_old = list_identities(&matching->old);
	_cleanup_free_ uint64_t *of_now = list_identities(&matching->now);
	uint32_t i = 0, j = 0;

	while (i < old->n_regions && j < now->n_regions) {
		const struct region *a = &old->regions[i];
		const struct region *b = &now->regions[j];

		if (matching->old.partner[i] == NO_REGION && matching->now.partner[j] == NO_REGION &&
		    a->start < b->end && b->start < a->end && of_old[i] == of_now[j])
			pair(matching, i, j, MATCHED_PLACE);
		if (a->end < b->end)
			i++;
		else
			j++;
	}
}

/* ---- one process, or two ---- */

/* A name, and the address of the first mapping with that name. */
struct anchor {
	uint64_t name, addr;
};

static int compare_anchors(const void *a, const void *b)
{
	const struct anchor *x = a;
	const struct anchor *y = b;

	return (x->name > y->name) - (x->name < y->name);
}

/*
 * The anchors of a space, sorted by name; the caller frees them. The stack's anchor is its end,
 * which stays when it grows.
 */
static struct anchor *list_anchors(const struct side *side, size_t *ret_n)
{
	const struct facts *facts = &side->space->facts;
	struct anchor *anchors = mem_array(facts->n_objects, sizeof(*anchors));
	_cleanup_free_ bool *is_known = mem_alloc(facts->n_objects * sizeof(*is_known));
	size_t n = 0;

	for (size_t i = 0; i < facts->n_mappings; i++) {
		const struct mapping *m = &facts->mappings[i];
		const struct object *object = mapping_object(facts, m);

		if (!object->name || is_known[object->index] || is_above_user_space(m->end))
			continue;
		is_known[object->index] = true;
		anchors[n++] = (struct anchor){
			.name = side->objects[object->index].exact,
			.addr = is_pseudo_path(object, "[stack]") ? m->end : m->start,
		};
	}
	if (n > 0)
		qsort(anchors, n, sizeof(*anchors), compare_anchors);
	*ret_n = n;
	return anchors;
}

/*
 * Whether most names are in the same place. A program that is not relocated always is: the heap,
 * the stack and the libraries count as well.
 */
static bool are_one_process(const struct side *old, const struct side *now)
{
	size_t n_old, n_now, i = 0, j = 0, n_same = 0, n_other = 0;
	_cleanup_free_ struct anchor *a = list_anchors(old, &n_old);
	_cleanup_free_ struct anchor *b = list_anchors(now, &n_now);

	while (i < n_old && j < n_now) {
		int order = compare_anchors(&a[i], &b[j]);

		if (order == 0 && a[i].addr == b[j].addr)
			n_same++;
		else if (order == 0)
			n_other++;
		i += order <= 0;
		j += order >= 0;
	}
	return n_same > n_other;
}

/* ---- all of it ---- */

/* From certain to likely pairs. Each pass is for one process, for two, or for both cases. */
static const struct pass {
	key_fn *key; /* NULL: addresses that overlap */
	enum matched how;
	bool for_one, for_two, from_top;
} passes[] = {
	{ key_start, MATCHED_PLACE, .for_one = true },
	{ key_end, MATCHED_PLACE, .for_one = true },
	{ NULL, MATCHED_PLACE, .for_one = true },
	{ key_module_place, MATCHED_MODULE, .for_one = true, .for_two = true },
	{ key_module, MATCHED_MODULE, .for_one = true, .for_two = true },
	{ key_thread, MATCHED_THREAD, .for_two = true },
	{ key_name_place, MATCHED_NAME, .for_one = true, .for_two = true },
	{ key_name, MATCHED_NAME, .for_one = true, .for_two = true },
	{ key_folded_module, MATCHED_FOLDED, .for_one = true, .for_two = true },
	{ key_folded_thread, MATCHED_FOLDED, .for_two = true },
	{ key_folded_place, MATCHED_FOLDED, .for_one = true, .for_two = true },
	{ key_folded, MATCHED_FOLDED, .for_one = true, .for_two = true },
	{ key_base_module, MATCHED_RENAMED, .for_one = true, .for_two = true },
	{ key_file, MATCHED_RENAMED, .for_one = true, .for_two = true },
	{ key_directory, MATCHED_RENAMED, .for_one = true, .for_two = true },
	{ key_above, MATCHED_NEIGHBOUR, .for_two = true, .from_top = true },
	{ key_below, MATCHED_NEIGHBOUR, .for_two = true },
	{ key_looks, MATCHED_MOVED, .for_one = true, .for_two = true },
};

void match_spaces(const struct space *old, const struct space *now, struct match *match)
{
	struct matching matching = { .how = mem_alloc(now->judgement.n_regions) };
	bool is_one;

	side_init(&matching.old, old);
	side_init(&matching.now, now);
	is_one = are_one_process(&matching.old, &matching.now);
	for (size_t i = 0; i < ARRAY_SIZE(passes); i++) {
		const struct pass *pass = &passes[i];

		if (is_one ? !pass->for_one : !pass->for_two)
			continue;
		if (pass->key)
			pair_by(&matching, pass->key, pass->how, pass->from_top);
		else
			pair_overlapping(&matching);
	}
	*match = (struct match){
		.now_of = matching.old.partner,
		.old_of = matching.now.partner,
		.how = matching.how,
		.is_one_process = is_one,
	};
	side_done(&matching.old);
	side_done(&matching.now);
}

void match_done(struct match *match)
{
	free(match->now_of);
	free(match->old_of);
	free(match->how);
	*match = (struct match){ 0 };
}
