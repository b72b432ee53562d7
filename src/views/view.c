/* SPDX-License-Identifier: MIT */
#include "views/view.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/selection.h"
#include "base/mem.h"

void view_add_usage(uint64_t *sum, const uint64_t *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (values[i] != UNKNOWN)
			sum[i] = sum[i] == UNKNOWN ? values[i] : known_sum(sum[i], values[i]);
}

/* A saved sum has fewer slots if the snapshot has more counters after it. */
static void take_usage(uint64_t *sums, const struct usage *usage, const struct saved_sum *saved)
{
	for (size_t i = 0; i < usage->n_slots; i++)
		sums[i] = i < saved->n_slots ? saved->usage[i] : UNKNOWN;
}

uint64_t *view_module_usage(const struct space *space)
{
	const struct usage *usage = &space->facts.usage;
	size_t n = space->judgement.n_modules * usage->n_slots;
	uint64_t *sums = mem_array(n, sizeof(*sums));

	for (size_t i = 0; i < n; i++)
		sums[i] = UNKNOWN;
	if (lacks_regions(&space->facts)) {
		for (size_t i = 0; i < space->judgement.n_modules; i++)
			take_usage(sums + i * usage->n_slots, usage, &space->facts.saved->modules[i]);
		return sums;
	}
	for (size_t i = 0; i < space->judgement.n_regions; i++) {
		const struct region *region = &space->judgement.regions[i];
		const uint64_t *row = region->module == NO_MODULE ? NULL : region_counters(space, region);

		if (row)
			view_add_usage(sums + (size_t)region->module * usage->n_slots, row, usage->n_slots);
	}
	return sums;
}

static void init_totals(struct view *view)
{
	size_t n = view_space(view)->facts.usage.n_slots;

	view->total_usage = mem_array((N_KINDS + 1) * n, sizeof(*view->total_usage));
	for (size_t i = 0; i < (N_KINDS + 1) * n; i++)
		view->total_usage[i] = UNKNOWN;
	for (enum kind k = 0; k <= N_KINDS; k++)
		view->totals[k] = (struct total){ .kind = k, .usage = view->total_usage + k * n };
}

static bool is_named(const struct object *object)
{
	return object->type != OBJECT_FILE && object->name_len > 5 && memcmp(object->name, "[anon", 5) == 0;
}

/* There is one object for each name. `position`: by object, 1 + the index of its total; 0: none yet. */
static struct total *find_named(struct view *view, const struct object *object, uint32_t *position)
{
	size_t n = view_space(view)->facts.usage.n_slots;
	struct total *fresh;

	if (position[object->index])
		return &view->named[position[object->index] - 1];
	mem_grow(view->named, view->n_named, view->cap_named);
	fresh = &view->named[view->n_named++];
	*fresh = (struct total){ .object = object, .usage = mem_array(n, sizeof(*fresh->usage)) };
	for (size_t i = 0; i < n; i++)
		fresh->usage[i] = UNKNOWN;
	position[object->index] = (uint32_t)view->n_named;
	return fresh;
}

static void add_named(struct view *view, const struct region *region, uint32_t *position)
{
	const struct facts *facts = &view_space(view)->facts;
	const struct object *object = mapping_object(facts, &facts->mappings[region->mapping]);
	const uint64_t *row = region_counters(view_space(view), region);
	struct total *named;

	if (!is_named(object))
		return;
	named = find_named(view, object, position);
	named->regions++;
	named->size += region->end - region->start;
	if (row)
		view_add_usage(named->usage, row, facts->usage.n_slots);
}

static void take_total(const struct view *view, struct total *total, const struct saved_sum *saved)
{
	total->regions = saved->regions;
	total->size = saved->size;
	total->padding = saved->padding;
	take_usage(total->usage, &view_space(view)->facts.usage, saved);
}

/* From a snapshot without regions: the sums that were saved with it. */
static void take_saved(struct view *view, uint32_t *position)
{
	const struct facts *facts = &view_space(view)->facts;

	for (enum kind k = 0; k < N_KINDS; k++)
		if (facts->saved->totals[k].regions > 0)
			take_total(view, &view->totals[k], &facts->saved->totals[k]);
	for (size_t i = 0; i < facts->saved->n_named; i++) {
		const struct saved_sum *saved = &facts->saved->named[i];

		take_total(view, find_named(view, facts->objects[saved->object], position), saved);
	}
}

static void add_up(struct view *view)
{
	const struct usage *usage = &view_space(view)->facts.usage;
	struct total *sum = &view->totals[N_KINDS];
	_cleanup_free_ uint32_t *position = mem_alloc(view_space(view)->facts.n_objects * sizeof(*position));

	init_totals(view);
	if (lacks_regions(&view_space(view)->facts))
		take_saved(view, position);
	for (size_t i = 0; i < view->n_regions && !lacks_regions(&view_space(view)->facts); i++) {
		const struct region *region = &view_space(view)->judgement.regions[view->regions[i]];
		const uint64_t *row = region_counters(view_space(view), region);
		struct total *total = &view->totals[region->kind];

		total->regions++;
		total->size += region->end - region->start;
		total->padding += region->padding;
		if (row)
			view_add_usage(total->usage, row, usage->n_slots);
		add_named(view, region, position);
	}
	for (enum kind k = 0; k < N_KINDS; k++) {
		sum->regions = known_sum(sum->regions, view->totals[k].regions);
		sum->size = known_sum(sum->size, view->totals[k].size);
		sum->padding = known_sum(sum->padding, view->totals[k].padding);
		view_add_usage(sum->usage, view->totals[k].usage, usage->n_slots);
	}
}

/* ---- rows ---- */

void rows_set(struct rows *rows, const void *array, size_t row_size, size_t n, void *owned)
{
	rows->array = array;
	rows->row_size = row_size;
	rows->n = n;
	rows->owned = owned;
}

char *rows_keep(struct rows *rows, char *text)
{
	if (text) {
		mem_grow(rows->texts, rows->n_texts, rows->cap_texts);
		rows->texts[rows->n_texts++] = text;
	}
	return text;
}

void rows_done(struct rows *rows)
{
	for (size_t i = 0; i < rows->n_texts; i++)
		free(rows->texts[i]);
	free(rows->texts);
	free(rows->order);
	free(rows->spaces);
	free(rows->owned);
	*rows = (struct rows){ 0 };
}

/* The rows are the regions that are shown. */
static void collect_regions(const struct view *view, struct rows *rows)
{
	const struct judgement *judgement = &view_space(view)->judgement;

	rows_set(rows, judgement->regions, sizeof(*judgement->regions), view->n_regions, NULL);
	if (view->n_regions == judgement->n_regions)
		return;
	rows->order = mem_array(view->n_regions, sizeof(*rows->order));
	if (view->n_regions > 0)
		memcpy(rows->order, view->regions, view->n_regions * sizeof(*rows->order));
}

struct sorting {
	const struct rows *rows;
	const struct view_spec *spec;
};

static int compare_rows(const void *a, const void *b, void *context)
{
	const struct sorting *sorting = context;
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;
	struct row row_x = rows_element(sorting->rows, x);
	struct row row_y = rows_element(sorting->rows, y);

	for (size_t i = 0; i < sorting->spec->n_sort; i++) {
		const struct sort_key *key = &sorting->spec->sort[i];
		struct cell p = column_cell(key->column, &row_x);
		struct cell q = column_cell(key->column, &row_y);
		int order = cell_compare(key->column->type, &p, &q);

		if (order != 0)
			return key->is_descending ? -order : order;
	}
	return (x > y) - (x < y); /* equal rows stay in the order of the array */
}

static void sort(struct rows *rows, const struct view_spec *spec)
{
	struct sorting sorting = { rows, spec };

	if (!rows->order) {
		rows->order = mem_array(rows->n, sizeof(*rows->order));
		for (size_t i = 0; i < rows->n; i++)
			rows->order[i] = (uint32_t)i;
	}
	qsort_r(rows->order, rows->n - rows->n_sums, sizeof(*rows->order), compare_rows, &sorting);
}

void view_build(struct view *view, const struct space *const *spaces, size_t n_spaces,
		const struct view_spec *spec)
{
	*view = (struct view){ .spaces = spaces,
			       .n_spaces = n_spaces,
			       .selection = &spec->selection,
			       .demangles = spec->demangles,
			       .least = spec->least,
			       .is_full = spec->is_full,
			       .shows_contents = spec->shows_contents };
	view->regions = select_regions(spaces[0], &spec->selection, &view->n_regions);
	add_up(view);
	view->rows.view = view;
	if (spec->collect)
		spec->collect(view, &view->rows);
	else
		collect_regions(view, &view->rows);
	if (spec->n_sort > 0 && view->rows.n > 0)
		sort(&view->rows, spec);
}

void view_build_rows(struct view *view, const void *array, size_t row_size, size_t n, size_t n_sums,
		     const struct view_spec *spec)
{
	static const struct space *const no_space = NULL;

	*view = (struct view){ .spaces = &no_space, .n_spaces = 0, .rows.view = view };
	rows_set(&view->rows, array, row_size, n, NULL);
	view->rows.n_sums = n_sums;
	if (spec->n_sort > 0 && n > 0)
		sort(&view->rows, spec);
}

void view_done(struct view *view)
{
	for (size_t i = 0; i < view->n_named; i++)
		free(view->named[i].usage);
	free(view->named);
	free(view->regions);
	free(view->total_usage);
	rows_done(&view->rows);
	*view = (struct view){ 0 };
}
