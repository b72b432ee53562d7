/* SPDX-License-Identifier: MIT */
/* What differs between two address spaces: a row a region that appeared, went, grew, shrank or moved. */
#include <stdlib.h>
#include <string.h>

#include "analysis/explain.h"
#include "analysis/match.h"
#include "analysis/selection.h"
#include "base/mem.h"
#include "output/render_json_rows.h"
#include "views/views.h"

enum { NEW_SPACE, OLD_SPACE }; /* in view->spaces: the view is of the new one */

enum change {
	CHANGE_NONE,
	CHANGE_ADDED,
	CHANGE_REMOVED,
	CHANGE_GROWN,
	CHANGE_SHRUNK,
	CHANGE_MOVED,
	CHANGE_PERMISSIONS,
	N_CHANGES,
};

static const char *const change_names[N_CHANGES] = {
	[CHANGE_ADDED] = "added",   [CHANGE_REMOVED] = "removed", [CHANGE_GROWN] = "grown",
	[CHANGE_SHRUNK] = "shrunk", [CHANGE_MOVED] = "moved",	  [CHANGE_PERMISSIONS] = "permissions",
};

/* What is on one side: a region, several of one kind, or nothing. */
struct part {
	const struct region *region;
	uint64_t n, size;
	const uint64_t *usage; /* by slot of that space's facts.usage; NULL: unknown */
};

struct change_row {
	struct part parts[2]; /* NEW_SPACE, OLD_SPACE */
	uint64_t share;	      /* of all growth, in percent; UNKNOWN of what has not grown */
	uint8_t kind;	      /* N_KINDS: all together */
	uint8_t change;	      /* enum change */
	uint8_t how;	      /* enum matched */
};

/* ---- figures ---- */

/* What is not there has nothing; what was not read is not known. */
static uint64_t part_counter(const struct space *space, const struct part *part, enum counter counter)
{
	const struct usage *usage = &space->facts.usage;

	if (!usage_has(usage, counter))
		return UNKNOWN;
	if (part->n == 0)
		return 0;
	return part->usage ? usage_counter(usage, part->usage, counter) : UNKNOWN;
}

static struct cell counter_change(const struct view *view, const struct change_row *row, enum counter counter)
{
	return cell_change(part_counter(view->spaces[OLD_SPACE], &row->parts[OLD_SPACE], counter),
			   part_counter(view->spaces[NEW_SPACE], &row->parts[NEW_SPACE], counter));
}

static struct cell size_change(const struct change_row *row)
{
	return cell_change(row->parts[OLD_SPACE].size, row->parts[NEW_SPACE].size);
}

/* What memory costs is what is resident; where that was not asked for, there is only the size. */
static struct cell main_change(const struct view *view, const struct change_row *row)
{
	if (usage_has(&view->spaces[OLD_SPACE]->facts.usage, COUNTER_RSS) &&
	    usage_has(&view->spaces[NEW_SPACE]->facts.usage, COUNTER_RSS))
		return counter_change(view, row, COUNTER_RSS);
	return size_change(row);
}

/* ---- columns ---- */

static const struct region *region_of(const struct row *row)
{
	const struct change_row *change = row->data;

	return change->parts[NEW_SPACE].region ? change->parts[NEW_SPACE].region :
						 change->parts[OLD_SPACE].region;
}

static struct cell get_size_change(const struct column *column _unused_, const struct row *row)
{
	return size_change(row->data);
}

static struct cell get_counter_change(const struct column *column, const struct row *row)
{
	return counter_change(row->view, row->data, column->counter);
}

static struct cell get_kind(const struct column *column _unused_, const struct row *row)
{
	const struct change_row *change = row->data;

	return change->kind == N_KINDS ? cell_word("TOTAL") : cell_kind(change->kind);
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

/* In JSON all counters that both have; a null for those that only one has. */
static void put_counters(struct json *json, const struct column *column _unused_, const struct row *row)
{
	const struct usage *old = &row->view->spaces[OLD_SPACE]->facts.usage;
	const struct usage *now = &row->view->spaces[NEW_SPACE]->facts.usage;

	for (enum counter f = 0; f < N_COUNTERS; f++) {
		struct cell cell;
		char key[48];

		if (!counters[f].name || counters[f].share == SHARE_PROPERTY ||
		    (!usage_has(old, f) && !usage_has(now, f)))
			continue;
		snprintf(key, sizeof(key), "%s_change", counters[f].name);
		cell = counter_change(row->view, row->data, f);
		json_change(json, key, cell.number, cell.is_negative);
	}
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
	{ "SIZE_CHANGE", CELL_CHANGE, .key = "size_change", .get = get_size_change,
	  .help = "bytes that it is larger or smaller by" },
	{ "SHARE", CELL_NUMBER, .yields = 5, .key = "share", .field = FIELD(struct change_row, share),
	  .help = "percent of all growth: of RSS where that is shown, or of SIZE" },
	{ "OLD_SIZE", CELL_SIZE, .yields = 8, .key = "old_size",
	  .field = FIELD(struct change_row, parts[OLD_SPACE].size), .help = "bytes in OLD" },
	{ "NEW_SIZE", CELL_SIZE, .yields = 7, .key = "new_size",
	  .field = FIELD(struct change_row, parts[NEW_SPACE].size), .help = "bytes in NEW" },
	{ "KIND", CELL_WORD, .yields = 1, .key = "kind", .get = get_kind,
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
	{ .key = "counters", .put = put_counters },
	{ 0 },
};

static const struct record change_record = {
	change_columns,
	"change,kind,name,matched_by,size_change,share,old_size,new_size,old_perms,perms,old_start,old_end,start,"
	"end,tid",
};

/* The same of all of one kind. */
static const struct column kind_columns[] = {
	{ "KIND", CELL_WORD, .key = "kind", .get = get_kind },
	{ "OLD_SIZE", CELL_SIZE, .key = "old_size",
	  .field = FIELD(struct change_row, parts[OLD_SPACE].size) },
	{ "NEW_SIZE", CELL_SIZE, .key = "new_size",
	  .field = FIELD(struct change_row, parts[NEW_SPACE].size) },
	{ "SIZE_CHANGE", CELL_CHANGE, .key = "size_change", .get = get_size_change },
	{ NULL, CELL_NUMBER, .key = "old_regions", .field = FIELD(struct change_row, parts[OLD_SPACE].n) },
	{ NULL, CELL_NUMBER, .key = "new_regions", .field = FIELD(struct change_row, parts[NEW_SPACE].n) },
	{ .key = "counters", .put = put_counters },
	{ 0 },
};

static const struct record kind_record = {
	kind_columns,
	"kind,old_regions,new_regions,old_size,new_size,size_change",
};

/* ---- pairs ---- */

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

/*
 * All pairs of which either side is shown, changed or not, and what has no like; behind the last one stands
 * one of kind N_KINDS.
 */
static struct change_row *list_pairs(const struct view *view, const struct match *match, size_t *ret_n)
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

static enum change direction(const struct cell *cell)
{
	if (cell->number == 0 || cell->number == UNKNOWN)
		return CHANGE_NONE;
	return cell->is_negative ? CHANGE_SHRUNK : CHANGE_GROWN;
}

/* Of a region that has its size: whether any figure differs, what is resident first. */
static enum change find_counter_change(const struct view *view, const struct change_row *row)
{
	struct cell cell = counter_change(view, row, COUNTER_RSS);
	enum change change = direction(&cell);

	for (enum counter f = 0; change == CHANGE_NONE && f < N_COUNTERS; f++) {
		if (!counters[f].name || counters[f].share == SHARE_PROPERTY)
			continue;
		cell = counter_change(view, row, f);
		change = direction(&cell);
	}
	return change;
}

/* Where two processes differ in all addresses, these are no news. */
static bool has_moved(const struct change_row *row, bool is_one_process)
{
	return row->how == MATCHED_RENAMED ||
	       (is_one_process && row->parts[NEW_SPACE].region->start != row->parts[OLD_SPACE].region->start);
}

static enum change find_change(const struct view *view, const struct change_row *row, bool is_one_process)
{
	const struct region *old = row->parts[OLD_SPACE].region;
	const struct region *now = row->parts[NEW_SPACE].region;
	struct cell cell = size_change(row);
	enum change change;

	if (!old || !now)
		return now ? CHANGE_ADDED : CHANGE_REMOVED;
	change = direction(&cell);
	if (change == CHANGE_NONE && view->spaces[OLD_SPACE]->facts.mappings[old->mapping].perms !=
					     view->spaces[NEW_SPACE]->facts.mappings[now->mapping].perms)
		change = CHANGE_PERMISSIONS;
	if (change == CHANGE_NONE && has_moved(row, is_one_process))
		change = CHANGE_MOVED;
	return change != CHANGE_NONE ? change : find_counter_change(view, row);
}

/* ---- rows ---- */

static int compare_rows(const void *a, const void *b, void *context)
{
	const struct change_row *x = a;
	const struct change_row *y = b;
	struct cell p = main_change(context, x);
	struct cell q = main_change(context, y);
	int order = cell_compare(CELL_CHANGE, &q, &p);

	if (order == 0) {
		p = size_change(x);
		q = size_change(y);
		order = cell_compare(CELL_CHANGE, &q, &p);
	}
	if (order == 0)
		order = (x->kind > y->kind) - (x->kind < y->kind);
	/* Those of one array stand in the order of addresses. */
	for (size_t side = 0; order == 0 && side < 2; side++)
		order = (x->parts[side].region > y->parts[side].region) -
			(x->parts[side].region < y->parts[side].region);
	return order;
}

static uint64_t percent(uint64_t part, uint64_t whole)
{
	/* Both may be large: dividing first keeps the product in range. */
	return whole >= 10000 ? part / (whole / 100) : part * 100 / whole;
}

static void set_shares(const struct view *view, struct change_row *rows, size_t n)
{
	uint64_t growth = 0;

	for (size_t i = 0; i < n; i++) {
		struct cell cell = main_change(view, &rows[i]);

		rows[i].share = UNKNOWN;
		if (direction(&cell) == CHANGE_GROWN)
			growth += cell.number;
	}
	for (size_t i = 0; i < n; i++) {
		struct cell cell = main_change(view, &rows[i]);

		if (direction(&cell) == CHANGE_GROWN)
			rows[i].share = percent(cell.number, growth);
	}
}

/* The changes come first, and then what is the same in both. */
static void collect(const struct view *view, struct rows *rows)
{
	struct change_row *changes;
	struct match match;
	size_t n_pairs, n = 0;

	match_spaces(view->spaces[OLD_SPACE], view->spaces[NEW_SPACE], &match);
	changes = list_pairs(view, &match, &n_pairs);
	for (size_t i = 0; i < n_pairs; i++) {
		struct change_row row = changes[i];

		row.change = (uint8_t)find_change(view, &row, match.is_one_process);
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

/* ---- sums ---- */

static size_t n_slots(const struct view *view, size_t side)
{
	return view->spaces[side]->facts.usage.n_slots;
}

static void add_part(struct part *sum, const struct part *part, uint64_t *usage, size_t n)
{
	sum->n += part->n;
	sum->size += part->size;
	sum->usage = usage;
	if (part->usage)
		view_add_usage(usage, part->usage, n);
}

/* Both sides of all pairs, changed or not: then what was, and all changes, come to what is. `usage`: by kind. */
static void add_pairs(const struct view *view, size_t side, struct change_row *sums, uint64_t *usage)
{
	size_t n = n_slots(view, side);

	for (size_t i = 0; i < (N_KINDS + 1) * n; i++)
		usage[i] = UNKNOWN;
	for (const struct change_row *row = view->rows.array; row->kind != N_KINDS; row++) {
		add_part(&sums[row->kind].parts[side], &row->parts[side], usage + row->kind * n, n);
		add_part(&sums[N_KINDS].parts[side], &row->parts[side], usage + N_KINDS * n, n);
	}
}

/* A row a kind that either has, and one for all. */
static void collect_kinds(const struct view *view, struct rows *rows)
{
	size_t n_new = (N_KINDS + 1) * n_slots(view, NEW_SPACE);
	size_t n_old = (N_KINDS + 1) * n_slots(view, OLD_SPACE);
	/* One piece of memory, so that the rows own it: the values follow. */
	struct change_row *sums =
		mem_alloc((N_KINDS + 1) * sizeof(*sums) + (n_new + n_old) * sizeof(uint64_t));
	uint64_t *values = (uint64_t *)(sums + N_KINDS + 1);
	size_t n = 0;

	add_pairs(view, NEW_SPACE, sums, values);
	add_pairs(view, OLD_SPACE, sums, values + n_new);
	for (size_t k = 0; k <= N_KINDS; k++) {
		sums[k].kind = (uint8_t)k;
		if (k == N_KINDS || sums[k].parts[NEW_SPACE].n > 0 || sums[k].parts[OLD_SPACE].n > 0)
			sums[n++] = sums[k];
	}
	rows_set(rows, sums, sizeof(*sums), n, sums);
	rows->n_sums = 1;
}

#define N_FIRST 4 /* columns that each sum has */

static void put_footer(struct out *out, const struct view *view, const struct layout *layout)
{
	_cleanup_(rows_done) struct rows rows = { .view = view };
	_cleanup_free_ const struct column **columns =
		mem_array(layout->n_columns + N_FIRST, sizeof(*columns));
	struct table table = { .rows = &rows, .columns = columns };

	if (view->rows.n == 0)
		out_str(out, "No difference.\n");
	out_char(out, '\n');
	collect_kinds(view, &rows);
	while (table.n_columns < N_FIRST) {
		columns[table.n_columns] = &kind_columns[table.n_columns];
		table.n_columns++;
	}
	for (size_t i = 0; i < layout->n_columns; i++)
		if (layout->columns[i]->needs & NEED_COUNTER)
			columns[table.n_columns++] = layout->columns[i];
	table.n_yielding = layout->n_yielding > 0 ? table.n_columns : 0;
	table_print(out, &table, layout->style);
}

static void put_json(struct json *json, const struct view *view)
{
	_cleanup_(rows_done) struct rows rows = { .view = view };

	collect_kinds(view, &rows);
	render_json_rows(json, "kinds", &kind_record, &rows);
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
	.collect = collect,
	.explanation = explanation,
	.put_footer = put_footer,
	.record = &change_record,
	.array = "changes",
	.put_json = put_json,
};
