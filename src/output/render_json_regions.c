/* SPDX-License-Identifier: MIT */
#include "output/render_json_regions.h"

#include <string.h>

#include "analysis/explain.h"
#include "output/render_json_rows.h"

/* The memo key for access, kind and basis; false if the region has padding, which the key does not cover. */
static bool find_access_memo(const struct row *row, uint64_t *ret)
{
	const struct region *region = row->data;
	unsigned perms = row->space->facts.mappings[region->mapping].perms;

	/* The top bit is set in no owner's key: no object has so high a number. */
	*ret = UINT64_C(1) << 63 | (uint64_t)perms << 16 | (uint64_t)region->kind << 8 | region->basis;
	return region->padding == 0;
}

/* The memo key for file and module; false if there is a section, a thread or an offset to write as well. */
static bool find_owner_memo(const struct row *row, uint64_t *ret)
{
	const struct region *region = row->data;
	const struct mapping *m = &row->space->facts.mappings[region->mapping];

	*ret = (uint64_t)m->object << 32 | (uint32_t)region->module;
	return region->section == 0 && region->tid == NO_TID &&
	       (!has_offset(mapping_object(&row->space->facts, m)) ||
		m->offset + (region->start - m->start) == 0);
}

/* The members of a region, and the indices at which groups begin that many regions have in common. */
struct region_members {
	struct members members;
	size_t access, owner, rest;
};

static size_t find_member(const struct members *members, const char *key)
{
	size_t i = 0;

	while (strcmp(members->items[i].column->key, key) != 0)
		i++;
	return i;
}

/* Drops members that write nothing if no counters were asked for: calling them for each region takes time. */
static void drop_counters(struct members *members)
{
	size_t n = 0;

	for (size_t i = 0; i < members->n; i++)
		if (!(members->items[i].column->needs & (NEED_COUNTER | NEED_FLAGS)))
			members->items[n++] = members->items[i];
	members->n = n;
}

/* Likewise, the member that only core files have. */
static void drop_dumped(struct members *members)
{
	size_t at = find_member(members, "dumped");

	members->n--;
	memmove(&members->items[at], &members->items[at + 1], (members->n - at) * sizeof(*members->items));
}

static void list_region_members(struct region_members *list, const struct facts *facts)
{
	const struct usage *usage = &facts->usage;

	render_json_list_members(&list->members, &region_record);
	if (facts->origin != ORIGIN_CORE)
		drop_dumped(&list->members);
	if (usage->n_slots == 0 && !usage->keeps_all && !usage->is_missing)
		drop_counters(&list->members);
	list->access = find_member(&list->members, "padding");
	list->owner = find_member(&list->members, "name");
	list->rest = find_member(&list->members, "mapping");
}

static void put_explanation(struct json *json, const struct row *row)
{
	_cleanup_free_ char *text = explain(row->space, row->data);

	json_text(json, "explanation", text, strlen(text));
}

static void put_region(struct json *json, const struct region_members *list, const struct row *row,
		       bool explained)
{
	const struct members *members = &list->members;
	uint64_t key;
	bool is_common;

	json_open_object(json, NULL, true);
	render_json_members(json, members, 0, list->access, row);
	is_common = find_access_memo(row, &key);
	if (!is_common || !json_begin_memo(json, key)) {
		render_json_members(json, members, list->access, list->owner, row);
		if (is_common)
			json_end_memo(json);
	}
	is_common = find_owner_memo(row, &key);
	if (!is_common || !json_begin_memo(json, key)) {
		render_json_members(json, members, list->owner, list->rest, row);
		if (is_common)
			json_end_memo(json);
	}
	render_json_members(json, members, list->rest, members->n, row);
	if (explained)
		put_explanation(json, row);
	json_close_object(json);
}

void render_json_regions(struct json *json, const struct view *view, const struct view_info *info,
			 bool explained)
{
	const struct space *space = view_space(view);
	const uint32_t *order = info->collect || !view->rows.order ? view->regions : view->rows.order;
	struct region_members members;

	if (view_lacks(view, JSON_REGIONS)) {
		json_null(json, "regions");
		return;
	}
	list_region_members(&members, &space->facts);
	json_open_memos(json);
	json_open_array(json, "regions", false);
	for (size_t i = 0; i < view->n_regions; i++) {
		struct row row = { .data = &space->judgement.regions[order[i]],
				   .space = space,
				   .view = view };

		put_region(json, &members, &row, explained);
	}
	json_close_array(json);
	json_close_memos(json);
}
