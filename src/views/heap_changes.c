/* SPDX-License-Identifier: MIT */
/* What differs between the arenas of two heaps: a row for each arena, and one for the sum. */
#include <stdlib.h>

#include "base/mem.h"
#include "output/render_json_rows.h"
#include "views/change_row.h"
#include "views/change_sums.h"
#include "views/rows.h"

struct arena_change {
	const struct heap_arena *sides[2]; /* all zero: this side has no such arena */
	const struct heap_arena *arena;	   /* one of these, for its name; NULL: the sum */
	const char *name;
	uint8_t change; /* enum change */
};

static uint64_t figure_of(const struct column *column, const struct heap_arena *arena)
{
	return *(const uint64_t *)((const char *)arena + column->field.offset);
}

static struct cell get_change(const struct column *column, const struct row *row)
{
	const struct arena_change *change = row->data;
	struct cell cell = cell_change(figure_of(column, change->sides[OLD_SPACE]),
				       figure_of(column, change->sides[NEW_SPACE]));

	cell.is_count = column->field.offset == offsetof(struct heap_arena, blocks);
	return cell;
}

static void put_arena(struct json *json, const struct column *column, const struct row *row)
{
	const struct arena_change *change = row->data;

	if (change->arena && change->arena->kind == ARENA_OF_THREADS)
		json_address(json, column->key, change->arena->address);
	else
		json_word(json, column->key, change->arena ? change->name : NULL);
}

/* Not a field of the row, but of both arenas. */
#define FIGURE(member) .field = { .offset = offsetof(struct heap_arena, member) }, .get = get_change
#define SIDE_FIELD(side, member) .field = FIELD_BEHIND(struct arena_change, sides[side], member)

static const struct column heap_change_columns[] = {
	{ "CHANGE", CELL_WORD, .key = "change", .field = FIELD(struct arena_change, change),
	  .words = change_names, .help = "added, removed, grown or shrunk" },
	{ "ARENA", CELL_WORD, .key = "arena", .field = FIELD(struct arena_change, name), .put = put_arena,
	  .help = "main, the address of another one, or mmap: blocks with a mapping of their own" },
	{ "USED_CHANGE", CELL_CHANGE, .key = "used_change", FIGURE(used),
	  .help = "how many more or fewer bytes are in use" },
	{ "OLD_USED", CELL_SIZE, .yields = 8, .key = "old_used", SIDE_FIELD(OLD_SPACE, used),
	  .help = "bytes in use in OLD" },
	{ "NEW_USED", CELL_SIZE, .yields = 7, .key = "new_used", SIDE_FIELD(NEW_SPACE, used),
	  .help = "bytes in use in NEW" },
	{ "BLOCKS_CHANGE", CELL_CHANGE, .yields = 6, .key = "blocks_change", FIGURE(blocks),
	  .help = "change of BLOCKS" },
	{ "CACHED_CHANGE", CELL_CHANGE, .yields = 4, .key = "cached_change", FIGURE(cached),
	  .help = "change of CACHED" },
	{ "FREE_CHANGE", CELL_CHANGE, .key = "free_change", FIGURE(free), .help = "change of FREE" },
	{ "TOP_CHANGE", CELL_CHANGE, .yields = 3, .key = "top_change", FIGURE(top), .help = "change of TOP" },
	{ "SYSTEM_CHANGE", CELL_CHANGE, .key = "system_change", FIGURE(system), .help = "change of SYSTEM" },
	{ "RESIDENT_CHANGE", CELL_CHANGE, .key = "resident_change", FIGURE(resident),
	  .help = "change of RESIDENT" },
	{ "RETURNABLE_CHANGE", CELL_CHANGE, .key = "returnable_change", FIGURE(returnable),
	  .help = "change of RETURNABLE" },
	{ "PINNED_CHANGE", CELL_CHANGE, .key = "pinned_change", FIGURE(pinned), .help = "change of PINNED" },
	TARGET_COLUMNS,
	{ 0 },
};

static const struct record heap_change_record = {
	heap_change_columns,
	"change,arena,used_change,old_used,new_used,blocks_change,cached_change,free_change,top_change,"
	"system_change,resident_change,returnable_change,pinned_change",
};

/* ---- rows ---- */

static const struct heap_arena no_arena;

static const struct heap *heap_of(const struct view *view, size_t side)
{
	return &view->spaces[side]->answers.heap;
}

static bool is_missing(const struct view *view)
{
	return heap_of(view, OLD_SPACE)->is_missing || heap_of(view, NEW_SPACE)->is_missing;
}

/* Arenas of threads match by address, the others by kind. */
static int compare_arenas(const void *a, const void *b)
{
	const struct heap_arena *x = *(const struct heap_arena *const *)a;
	const struct heap_arena *y = *(const struct heap_arena *const *)b;

	if (x->kind != y->kind || x->kind != ARENA_OF_THREADS)
		return (x->kind > y->kind) - (x->kind < y->kind);
	return (x->address > y->address) - (x->address < y->address);
}

/* The arenas of a heap, sorted to find them; the caller frees them. */
static const struct heap_arena **sort_arenas(const struct heap *heap)
{
	const struct heap_arena **arenas = mem_array(heap->n_arenas + 1, sizeof(*arenas));

	for (size_t i = 0; i < heap->n_arenas; i++)
		arenas[i] = &heap->arenas[i];
	if (heap->n_arenas > 0)
		mem_sort(arenas, heap->n_arenas, sizeof(*arenas), compare_arenas);
	return arenas;
}

static const struct heap_arena *find_arena(const struct heap_arena *const *arenas, size_t n,
					   const struct heap_arena *like)
{
	const struct heap_arena *const *found =
		n > 0 ? bsearch(&like, arenas, n, sizeof(*arenas), compare_arenas) : NULL;

	return found ? *found : &no_arena;
}

/* The first figure that differs decides; the bytes in use come first. */
static enum change find_change(const struct arena_change *change)
{
	struct row row = { .data = change };

	if (change->sides[OLD_SPACE] == &no_arena)
		return CHANGE_ADDED;
	if (change->sides[NEW_SPACE] == &no_arena)
		return CHANGE_REMOVED;
	for (const struct column *column = heap_change_columns; column->name; column++) {
		struct cell cell = { 0 };

		if (column->get == get_change)
			cell = get_change(column, &row);
		if (change_direction(&cell) != CHANGE_NONE)
			return change_direction(&cell);
	}
	return CHANGE_NONE;
}

static struct arena_change make_change(const struct heap_arena *old, const struct heap_arena *now)
{
	struct arena_change change = { .sides = { [OLD_SPACE] = old, [NEW_SPACE] = now } };

	change.change = (uint8_t)find_change(&change);
	return change;
}

static struct arena_change make_total(const struct view *view)
{
	struct arena_change total =
		make_change(&heap_of(view, OLD_SPACE)->total, &heap_of(view, NEW_SPACE)->total);

	total.name = "TOTAL";
	return total;
}

static void add_change(struct rows *rows, struct arena_change *changes, size_t *n, struct arena_change change)
{
	if (change.change == CHANGE_NONE)
		return;
	change.arena = change.sides[change.change == CHANGE_REMOVED ? OLD_SPACE : NEW_SPACE];
	change.name = rows_keep(rows, arena_name(change.arena));
	changes[(*n)++] = change;
}

static size_t list_changes(const struct view *view, struct rows *rows, struct arena_change *ret)
{
	const struct heap *old = heap_of(view, OLD_SPACE);
	const struct heap *now = heap_of(view, NEW_SPACE);
	_cleanup_free_ const struct heap_arena **of_old = sort_arenas(old);
	_cleanup_free_ const struct heap_arena **of_now = sort_arenas(now);
	size_t n = 0;

	for (size_t i = 0; i < now->n_arenas; i++)
		add_change(rows, ret, &n,
			   make_change(find_arena(of_old, old->n_arenas, &now->arenas[i]), &now->arenas[i]));
	for (size_t i = 0; i < old->n_arenas; i++)
		if (find_arena(of_now, now->n_arenas, &old->arenas[i]) == &no_arena)
			add_change(rows, ret, &n, make_change(&old->arenas[i], &no_arena));
	return n;
}

static void collect(const struct view *view, struct rows *rows)
{
	size_t most = heap_of(view, OLD_SPACE)->n_arenas + heap_of(view, NEW_SPACE)->n_arenas;
	struct arena_change *changes;
	size_t n;

	rows->is_unknown = is_missing(view);
	if (rows->is_unknown)
		return;
	changes = mem_array(most + 1, sizeof(*changes));
	n = list_changes(view, rows, changes);
	changes[n] = make_total(view);
	change_set_rows(rows, changes, sizeof(*changes), n + 1, offsetof(struct arena_change, change));
}

/* The sum of all arenas, including those that are the same on both sides. */
static void put_json_sums(struct json *json, const struct view *view)
{
	struct arena_change total;
	struct row row = { .data = &total, .space = view_space(view), .view = view };

	if (is_missing(view)) {
		json_null(json, "heap_sums");
		return;
	}
	total = make_total(view);
	render_json_object(json, "heap_sums", &heap_change_record, &row);
}

const struct view_info view_heap_changes = {
	.option = "--diff --heap",
	.columns = heap_change_columns,
	.usual =
		"CHANGE,ARENA,USED_CHANGE,OLD_USED,NEW_USED,BLOCKS_CHANGE,CACHED_CHANGE,FREE_CHANGE,TOP_CHANGE,"
		"SYSTEM_CHANGE,RESIDENT_CHANGE,RETURNABLE_CHANGE,PINNED_CHANGE",
	.sort = "-USED_CHANGE,-SYSTEM_CHANGE",
	.needs = NEED_HEAP | NEED_SECTIONS,
	.not_regions = true,
	.n_targets = 2,
	.may_stop = true,
	.collect = collect,
	.put_footer = change_put_footer,
	.record = &heap_change_record,
	.array = "heap_changes",
	.put_json = put_json_sums,
	.as_changes = &view_heap_changes,
};
