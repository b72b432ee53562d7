/* SPDX-License-Identifier: MIT */
/* What differs between two address spaces: one row per region that was added, removed, resized or moved. */
#include <stdlib.h>
#include <string.h>

#include "analysis/explain.h"
#include "base/mem.h"
#include "views/change_pairs.h"
#include "views/change_row.h"
#include "views/change_sums.h"

static const struct region *region_of(const struct row *row)
{
	const struct change_row *change = row->data;

	return change->parts[NEW_SPACE].region ? change->parts[NEW_SPACE].region :
						 change->parts[OLD_SPACE].region;
}

static struct cell get_counter_change(const struct column *column, const struct row *row)
{
	return change_of_counter(row->view, row->data, column->counter);
}

static struct cell get_name(const struct column *column _unused_, const struct row *row)
{
	return cell_name(region_name(row->space, region_of(row)));
}

static struct cell part_perms(const struct row *row, size_t side)
{
	const struct region *region = ((const struct change_row *)row->data)->parts[side].region;

	if (!region)
		return (struct cell){ 0 };
	return cell_perms(row->view->spaces[side]->facts.mappings[region->mapping].perms);
}

static struct cell get_perms(const struct column *column _unused_, const struct row *row)
{
	return part_perms(row, NEW_SPACE);
}

static struct cell get_old_perms(const struct column *column _unused_, const struct row *row)
{
	return part_perms(row, OLD_SPACE);
}

static struct cell get_tid(const struct column *column _unused_, const struct row *row)
{
	int32_t tid = region_of(row)->tid;

	return cell_number(tid == NO_TID ? UNKNOWN : (uint64_t)tid);
}

#define CHANGE_COLUMN(id, index, title, name, share, unit, key, parts, text)                              \
	{                                                                                                 \
		title "_CHANGE", CELL_CHANGE, .needs = NEED_COUNTER, .counter = COUNTER_##id,             \
					      .yields = COUNTER_##id == COUNTER_RSS ? 0 : YIELDS_COUNTER, \
					      .get = get_counter_change, .help = "change of " title       \
	}

static const struct column change_columns[] = {
	{ "CHANGE", CELL_WORD, .key = "change", .field = FIELD(struct change_row, change),
	  .words = change_names, .help = "added, removed, grown, shrunk, moved or permissions" },
	{ "SIZE_CHANGE", CELL_CHANGE, .key = "size_change", .get = change_get_size,
	  .help = "bytes that it is larger or smaller by" },
	{ "SHARE", CELL_NUMBER, .yields = 5, .key = "share", .field = FIELD(struct change_row, share),
	  .help = "percent of all growth: of RSS where that is shown, or of SIZE" },
	{ "OLD_SIZE", CELL_SIZE, .yields = 8, .key = "old_size",
	  .field = FIELD(struct change_row, parts[OLD_SPACE].size), .help = "bytes in OLD" },
	{ "NEW_SIZE", CELL_SIZE, .yields = 7, .key = "new_size",
	  .field = FIELD(struct change_row, parts[NEW_SPACE].size), .help = "bytes in NEW" },
	{ "KIND", CELL_WORD, .yields = 1, .key = "kind", .get = change_get_kind,
	  .help = "what it is: see the kinds" },
	{ "MATCHED", CELL_WORD, .yields = 9, .key = "matched_by", .field = FIELD(struct change_row, how),
	  .words = matched_names, .help = "how it was found in both: place, module, name, and so on" },
	{ "NAME", CELL_NAME, .shrinks = true, .key = "name", .get = get_name,
	  .help = "file or label of the mapping, or the file of its module" },
	{ "PERMS", CELL_WORD, .key = "perms", .get = get_perms, .help = "access in NEW" },
	{ "OLD_PERMS", CELL_WORD, .key = "old_perms", .get = get_old_perms, .help = "access in OLD" },
	{ "START", CELL_ADDRESS, .key = "start",
	  .field = FIELD_BEHIND(struct change_row, parts[NEW_SPACE].region, start),
	  .help = "first address in NEW" },
	{ "END", CELL_ADDRESS, .key = "end",
	  .field = FIELD_BEHIND(struct change_row, parts[NEW_SPACE].region, end),
	  .help = "address after the last one in NEW" },
	{ "OLD_START", CELL_ADDRESS, .key = "old_start",
	  .field = FIELD_BEHIND(struct change_row, parts[OLD_SPACE].region, start),
	  .help = "first address in OLD" },
	{ "OLD_END", CELL_ADDRESS, .key = "old_end",
	  .field = FIELD_BEHIND(struct change_row, parts[OLD_SPACE].region, end),
	  .help = "address after the last one in OLD" },
	{ "TID", CELL_NUMBER, .key = "tid", .needs = NEED_ARENA_USERS, .get = get_tid,
	  .help = "thread whose stack or arena it is" },
	SUM_COUNTERS(CHANGE_COLUMN),
	TARGET_COLUMNS,
	{ .key = "counters", .put = change_put_counters },
	{ 0 },
};

static const struct record change_record = {
	change_columns,
	"change,kind,name,matched_by,size_change,share,old_size,new_size,old_perms,perms,old_start,old_end,start,"
	"end,tid",
};

static int compare_rows(const void *a, const void *b, void *context)
{
	const struct change_row *x = a;
	const struct change_row *y = b;
	struct cell p = change_of_main(context, x);
	struct cell q = change_of_main(context, y);
	int order = cell_compare(CELL_CHANGE, &q, &p);

	if (order == 0) {
		p = change_of_size(x);
		q = change_of_size(y);
		order = cell_compare(CELL_CHANGE, &q, &p);
	}
	if (order == 0)
		order = (x->kind > y->kind) - (x->kind < y->kind);
	/* Regions of one array are in the order of addresses. */
	for (size_t side = 0; order == 0 && side < 2; side++)
		order = (x->parts[side].region > y->parts[side].region) -
			(x->parts[side].region < y->parts[side].region);
	return order;
}

static void set_shares(const struct view *view, struct change_row *rows, size_t n)
{
	uint64_t growth = 0;

	for (size_t i = 0; i < n; i++) {
		struct cell cell = change_of_main(view, &rows[i]);

		rows[i].share = UNKNOWN;
		if (change_direction(&cell) == CHANGE_GROWN)
			growth = known_sum(growth, cell.number);
	}
	for (size_t i = 0; i < n; i++) {
		struct cell cell = change_of_main(view, &rows[i]);

		if (change_direction(&cell) == CHANGE_GROWN)
			rows[i].share = cell_percent(cell.number, growth);
	}
}

/* The rows are only the changes; behind them, the array has the unchanged pairs, for the sums. */
static void collect(const struct view *view, struct rows *rows)
{
	struct change_row *changes;
	struct match match;
	size_t n_pairs, n = 0;

	rows->is_unknown = view_lacks_regions(view);
	if (rows->is_unknown)
		return;
	match_spaces(view->spaces[OLD_SPACE], view->spaces[NEW_SPACE], &match);
	changes = change_list_pairs(view, &match, &n_pairs);
	for (size_t i = 0; i < n_pairs; i++) {
		struct change_row row = changes[i];

		row.change = (uint8_t)change_find(view, &row, match.is_one_process);
		if (row.change == CHANGE_NONE)
			continue;
		changes[i] = changes[n];
		changes[n++] = row;
	}
	match_done(&match);
	if (n > 0)
		qsort_r(changes, n, sizeof(*changes), compare_rows, (void *)view);
	set_shares(view, changes, n);
	rows_set(rows, changes, sizeof(*changes), n, changes);
	rows->spaces = mem_array(n, sizeof(*rows->spaces));
	for (size_t i = 0; i < n; i++)
		rows->spaces[i] = changes[i].parts[NEW_SPACE].region ? NEW_SPACE : OLD_SPACE;
}

static char *explanation(const struct row *row)
{
	return explain(row->space, region_of(row));
}

const struct view_info view_changes = {
	.option = "--diff",
	.columns = change_columns,
	.usual = "CHANGE,SIZE_CHANGE,SHARE,OLD_SIZE,NEW_SIZE,KIND,MATCHED,NAME",
	.extended =
		"CHANGE,SIZE_CHANGE,RSS_CHANGE,PSS_CHANGE,DIRTY_CHANGE,SWAP_CHANGE,SHARE,KIND,MATCHED,NAME",
	.every = "CHANGE,SIZE_CHANGE," ALL_COUNTERS ",SHARE,KIND,MATCHED,NAME",
	.needs = NEED_THREADS | NEED_ARENA_USERS,
	.n_targets = 2,
	.pictured = "RSS_CHANGE",
	.collect = collect,
	.explanation = explanation,
	.put_footer = change_put_sums,
	.record = &change_record,
	.array = "changes",
	.put_json = change_put_json_sums,
};
