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
			sum[i] = sum[i] == UNKNOWN ? values[i] : sum[i] + values[i];
}

uint64_t *view_module_usage(const struct space *space)
{
	const struct usage *usage = &space->facts.usage;
	size_t n = space->judgement.n_modules * usage->n_slots;
	uint64_t *sums = mem_array(n, sizeof(*sums));

	for (size_t i = 0; i < n; i++)
		sums[i] = UNKNOWN;
	for (size_t i = 0; i < space->judgement.n_regions; i++) {
		const struct region *region = &space->judgement.regions[i];
		const uint64_t *row = region->module == NO_MODULE ? NULL : region_figures(space, region);

		if (row)
			view_add_usage(sums + (size_t)region->module * usage->n_slots, row, usage->n_slots);
	}
	return sums;
}

static void init_totals(struct view *view)
{
	size_t n = view->space->facts.usage.n_slots;

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

/* Objects are made once for each name: `place` says, by object, 1 + where its total is. */
static struct total *find_named(struct view *view, const struct object *object, uint32_t *place)
{
	size_t n = view->space->facts.usage.n_slots;
	struct total *fresh;

	if (place[object->index])
		return &view->named[place[object->index] - 1];
	mem_grow(view->named, view->n_named, view->cap_named);
	fresh = &view->named[view->n_named++];
	*fresh = (struct total){ .object = object, .usage = mem_array(n, sizeof(*fresh->usage)) };
	for (size_t i = 0; i < n; i++)
		fresh->usage[i] = UNKNOWN;
	place[object->index] = (uint32_t)view->n_named;
	return fresh;
}

static void add_named(struct view *view, const struct region *region, uint32_t *place)
{
	const struct facts *facts = &view->space->facts;
	const struct object *object = mapping_object(facts, &facts->mappings[region->mapping]);
	const uint64_t *row = region_figures(view->space, region);
	struct total *named;

	if (!is_named(object))
		return;
	named = find_named(view, object, place);
	named->regions++;
	named->size += region->end - region->start;
	if (row)
		view_add_usage(named->usage, row, facts->usage.n_slots);
}

static void add_up(struct view *view)
{
	const struct usage *usage = &view->space->facts.usage;
	struct total *sum = &view->totals[N_KINDS];
	_cleanup_free_ uint32_t *place = mem_alloc(view->space->facts.n_objects * sizeof(*place));

	init_totals(view);
	for (size_t i = 0; i < view->n_regions; i++) {
		const struct region *region = &view->space->judgement.regions[view->regions[i]];
		const uint64_t *row = region_figures(view->space, region);
		struct total *total = &view->totals[region->kind];

		total->regions++;
		total->size += region->end - region->start;
		total->padding += region->padding;
		if (row)
			view_add_usage(total->usage, row, usage->n_slots);
		add_named(view, region, place);
	}
	for (enum kind k = 0; k < N_KINDS; k++) {
		sum->regions += view->totals[k].regions;
		sum->size += view->totals[k].size;
		sum->padding += view->totals[k].padding;
		view_add_usage(sum->usage, view->totals[k].usage, usage->n_slots);
	}
}

/* ---- rows ---- */

void view_set_rows(struct view *view, const void *array, size_t row_size, size_t n, void *owned)
{
	view->array = array;
	view->row_size = row_size;
	view->rows = NULL;
	view->n_rows = n;
	view->owned = owned;
}

char *view_keep(struct view *view, char *text)
{
	if (text) {
		mem_grow(view->texts, view->n_texts, view->cap_texts);
		view->texts[view->n_texts++] = text;
	}
	return text;
}

/* The rows are the regions that are shown, sorted as they are. */
static void collect_regions(struct view *view, bool is_sorted)
{
	view_set_rows(view, view->space->judgement.regions, sizeof(struct region), view->n_regions, NULL);
	if (is_sorted || view->n_regions < view->space->judgement.n_regions)
		view->rows = view->regions;
}

struct sorting {
	const struct view *view;
	const struct view_spec *spec;
};

static int compare_rows(const void *a, const void *b, void *context)
{
	const struct sorting *sorting = context;
	const struct view *view = sorting->view;
	const struct column *column = sorting->spec->sort;
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;
	const char *array = view->array;
	struct cell p = column->get(column, view->space, array + x * view->row_size);
	struct cell q = column->get(column, view->space, array + y * view->row_size);
	int order = cell_compare(column->type, &p, &q);

	if (order != 0)
		return sorting->spec->is_descending ? -order : order;
	return (x > y) - (x < y); /* equals stay in the order of addresses */
}

static void sort(struct view *view, const struct view_spec *spec)
{
	struct sorting sorting = { view, spec };

	if (!view->rows) {
		view->rows = mem_array(view->n_rows, sizeof(*view->rows));
		for (size_t i = 0; i < view->n_rows; i++)
			view->rows[i] = (uint32_t)i;
	}
	qsort_r(view->rows, view->n_rows - view->n_sums, sizeof(*view->rows), compare_rows, &sorting);
}

void view_build(struct view *view, const struct space *space, const struct view_spec *spec)
{
	*view = (struct view){ .space = space, .demangles = spec->demangles };
	view->regions = select_regions(space, &spec->selection, &view->n_regions);
	add_up(view);
	if (spec->collect)
		spec->collect(view);
	else
		collect_regions(view, spec->sort != NULL);
	if (spec->sort && view->n_rows > 0)
		sort(view, spec);
}

void view_done(struct view *view)
{
	for (size_t i = 0; i < view->n_named; i++)
		free(view->named[i].usage);
	free(view->named);
	if (view->rows != view->regions)
		free(view->rows);
	free(view->regions);
	free(view->owned);
	for (size_t i = 0; i < view->n_texts; i++)
		free(view->texts[i]);
	free(view->texts);
	free(view->total_usage);
	*view = (struct view){ 0 };
}
