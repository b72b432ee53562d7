/* SPDX-License-Identifier: MIT */
#include "views/change_pairs.h"

#include <stdlib.h>

#include "analysis/selection.h"
#include "base/mem.h"

static struct part make_part(const struct space *space, uint32_t i)
{
	const struct region *region;

	if (i == NO_REGION)
		return (struct part){ 0 };
	region = &space->judgement.regions[i];
	return (struct part){
		.region = region,
		.n = 1,
		.size = region->end - region->start,
		.usage = region_counters(space, region),
	};
}

static uint8_t *select_side(const struct view *view, size_t side)
{
	uint8_t *is_selected = mem_alloc(view->spaces[side]->judgement.n_regions);
	_cleanup_free_ uint32_t *regions = NULL;
	size_t n;

	regions = select_regions(view->spaces[side], view->selection, &n);
	for (size_t i = 0; i < n; i++)
		is_selected[regions[i]] = true;
	return is_selected;
}

struct change_row *change_list_pairs(const struct view *view, const struct match *match, size_t *ret_n)
{
	const struct space *now = view->spaces[NEW_SPACE];
	const struct space *old = view->spaces[OLD_SPACE];
	size_t n_now = now->judgement.n_regions;
	size_t n_old = old->judgement.n_regions;
	_cleanup_free_ uint8_t *shows_now = select_side(view, NEW_SPACE);
	_cleanup_free_ uint8_t *shows_old = select_side(view, OLD_SPACE);
	struct change_row *rows = mem_array(n_now + n_old + 1, sizeof(*rows));
	size_t n = 0;

	for (uint32_t i = 0; i < n_now; i++) {
		uint32_t like = match->old_of[i];

		if (shows_now[i] || (like != NO_REGION && shows_old[like]))
			rows[n++] = (struct change_row){
				.parts = { make_part(now, i), make_part(old, like) },
				.kind = now->judgement.regions[i].kind,
				.how = match->how[i],
			};
	}
	for (uint32_t i = 0; i < n_old; i++)
		if (match->now_of[i] == NO_REGION && shows_old[i])
			rows[n++] = (struct change_row){
				.parts = { { 0 }, make_part(old, i) },
				.kind = old->judgement.regions[i].kind,
			};
	rows[n] = (struct change_row){ .kind = N_KINDS };
	*ret_n = n;
	return rows;
}

/* For a region of unchanged size: how the first counter that differs has changed, RSS before all others. */
static enum change find_counter_change(const struct view *view, const struct change_row *row)
{
	struct cell cell = change_of_counter(view, row, COUNTER_RSS);
	enum change change = change_direction(&cell);

	for (enum counter f = 0; change == CHANGE_NONE && f < N_COUNTERS; f++) {
		if (!counters[f].name || counters[f].share == SHARE_PROPERTY)
			continue;
		cell = change_of_counter(view, row, f);
		change = change_direction(&cell);
	}
	return change;
}

/* Addresses count only within one process: between two processes, all of them differ. */
static bool has_moved(const struct change_row *row, bool is_one_process)
{
	return row->how == MATCHED_RENAMED ||
	       (is_one_process && row->parts[NEW_SPACE].region->start != row->parts[OLD_SPACE].region->start);
}

enum change change_find(const struct view *view, const struct change_row *row, bool is_one_process)
{
	const struct region *old = row->parts[OLD_SPACE].region;
	const struct region *now = row->parts[NEW_SPACE].region;
	struct cell cell = change_of_size(row);
	enum change change;

	if (!old || !now)
		return now ? CHANGE_ADDED : CHANGE_REMOVED;
	change = change_direction(&cell);
	if (change == CHANGE_NONE &&
	    perms_differ(view->spaces[OLD_SPACE]->facts.mappings[old->mapping].perms,
			 view->spaces[NEW_SPACE]->facts.mappings[now->mapping].perms))
		change = CHANGE_PERMISSIONS;
	if (change == CHANGE_NONE && has_moved(row, is_one_process))
		change = CHANGE_MOVED;
	return change != CHANGE_NONE ? change : find_counter_change(view, row);
}
