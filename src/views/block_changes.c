/* SPDX-License-Identifier: MIT */
/*
 * What differs between the blocks of two heaps: a row for each C++ class, and for each size of
 * other blocks.
 */
#include <string.h>

#include "base/mem.h"
#include "views/change_row.h"
#include "views/change_sums.h"

/* All blocks of a row on one side. */
struct block_side {
	uint64_t blocks, bytes;
	uint64_t sample; /* the address of one, as the program sees it; UNKNOWN: there is none */
};

struct block_change {
	const char *class_name; /* NULL: not known */
	const char *name;	/* what a table shows for it */
	uint64_t size;		/* of each block, on both sides; UNKNOWN: there are several */
	struct block_side sides[2];
	uint64_t share; /* of all growth, in percent; UNKNOWN if it has not grown */
	uint8_t change; /* enum change */
};

static struct cell change_of_bytes(const struct block_change *change)
{
	return cell_change(change->sides[OLD_SPACE].bytes, change->sides[NEW_SPACE].bytes);
}

static struct cell change_of_blocks(const struct block_change *change)
{
	struct cell cell = cell_change(change->sides[OLD_SPACE].blocks, change->sides[NEW_SPACE].blocks);

	cell.is_count = true;
	return cell;
}

static struct cell get_bytes_change(const struct column *column _unused_, const struct row *row)
{
	return change_of_bytes(row->data);
}

static struct cell get_blocks_change(const struct column *column _unused_, const struct row *row)
{
	return change_of_blocks(row->data);
}

static void put_class(struct json *json, const struct column *column, const struct row *row)
{
	const char *name = ((const struct block_change *)row->data)->class_name;

	json_text(json, column->key, name, name ? strlen(name) : 0);
}

#define SIDE_FIELD(side, member) .field = FIELD(struct block_change, sides[side].member)

static const struct column block_change_columns[] = {
	{ "CHANGE", CELL_WORD, .key = "change", .field = FIELD(struct block_change, change),
	  .words = change_names, .help = "added, removed, grown or shrunk" },
	{ "BYTES_CHANGE", CELL_CHANGE, .key = "bytes_change", .get = get_bytes_change,
	  .help = "how many more or fewer bytes they take" },
	{ "SHARE", CELL_NUMBER, .yields = 5, .key = "share", .field = FIELD(struct block_change, share),
	  .help = "percent of all growth in BYTES" },
	{ "BLOCKS_CHANGE", CELL_CHANGE, .key = "blocks_change", .get = get_blocks_change,
	  .help = "how many more or fewer there are" },
	{ "OLD_BLOCKS", CELL_NUMBER, .yields = 8, .key = "old_blocks", SIDE_FIELD(OLD_SPACE, blocks),
	  .help = "blocks in use in OLD" },
	{ "NEW_BLOCKS", CELL_NUMBER, .yields = 7, .key = "new_blocks", SIDE_FIELD(NEW_SPACE, blocks),
	  .help = "blocks in use in NEW" },
	{ "OLD_BYTES", CELL_SIZE, .yields = 8, .key = "old_bytes", SIDE_FIELD(OLD_SPACE, bytes),
	  .help = "bytes of all of them in OLD" },
	{ "NEW_BYTES", CELL_SIZE, .yields = 6, .key = "new_bytes", SIDE_FIELD(NEW_SPACE, bytes),
	  .help = "bytes of all of them in NEW" },
	{ "SIZE", CELL_SIZE, .yields = 4, .key = "size", .field = FIELD(struct block_change, size),
	  .help = "bytes of each, with malloc's header; - where they differ" },
	{ "CLASS", CELL_NAME, .shrinks = true, .keeps_start = true, .key = "class",
	  .field = FIELD(struct block_change, name), .put = put_class,
	  .help = "C++ class of the object that each begins with; with [], of an array" },
	{ "SAMPLE", CELL_ADDRESS, .key = "sample", SIDE_FIELD(NEW_SPACE, sample),
	  .help = "one of them in NEW: the address that malloc returned" },
	{ "OLD_SAMPLE", CELL_ADDRESS, .key = "old_sample", SIDE_FIELD(OLD_SPACE, sample),
	  .help = "one of them in OLD" },
	TARGET_COLUMNS,
	{ 0 },
};

static const struct record block_change_record = {
	block_change_columns,
	"change,class,size,blocks_change,bytes_change,share,old_blocks,new_blocks,old_bytes,new_bytes,old_sample,"
	"sample",
};

/* ---- which groups belong together ---- */

/* All sizes of a class are one kind. */
static int compare_kinds(const struct block_group *a, const struct block_group *b)
{
	return a->class_name && b->class_name ? strcmp(a->class_name, b->class_name) :
						block_group_compare(a, b);
}

struct cursor {
	const struct block_group *next, *end;
	bool has_others; /* there were too many kinds: the rest is one group */
};

static struct cursor begin(const struct space *space)
{
	const struct block_list *list = &space->answers.blocks;
	size_t n = list->n_groups;

	return (struct cursor){
		.next = list->groups,
		.end = list->groups + n,
		.has_others = n > 0 && list->groups[n - 1].size == UNKNOWN,
	};
}

static void add_to_side(struct block_side *side, uint64_t blocks, uint64_t bytes, uint64_t sample)
{
	if (side->blocks == 0)
		side->sample = sample;
	side->blocks += blocks;
	side->bytes += bytes;
}

static struct block_change empty_change(const char *class_name, uint64_t size)
{
	return (struct block_change){
		.class_name = class_name,
		.name = class_name,
		.size = size,
		.sides = { { .sample = UNKNOWN }, { .sample = UNKNOWN } },
		.share = UNKNOWN,
	};
}

/* Adds up the next kind that either side has, on both sides. False: there is none left. */
static bool next_change(struct cursor cursors[2], struct block_change *ret)
{
	const struct block_group *first = NULL;

	for (size_t side = 0; side < 2; side++)
		if (cursors[side].next < cursors[side].end &&
		    (!first || compare_kinds(cursors[side].next, first) < 0))
			first = cursors[side].next;
	if (!first)
		return false;
	*ret = empty_change(first->class_name, first->size);
	for (size_t side = 0; side < 2; side++) {
		struct cursor *at = &cursors[side];

		for (; at->next < at->end && compare_kinds(at->next, first) == 0; at->next++) {
			add_to_side(&ret->sides[side], at->next->blocks, at->next->bytes, at->next->sample);
			if (at->next->size != ret->size)
				ret->size = UNKNOWN;
		}
	}
	return true;
}

/* Whether one side may have counted blocks of this kind among its others. */
static bool is_among_others(const struct cursor cursors[2], const struct block_change *change)
{
	bool is_among = !change->class_name && change->size == UNKNOWN;

	for (size_t side = 0; side < 2; side++)
		is_among |= cursors[side].has_others && change->sides[side].blocks == 0;
	return is_among;
}

static void add_change(struct block_change *sum, const struct block_change *change)
{
	for (size_t side = 0; side < 2; side++)
		if (change->sides[side].blocks > 0)
			add_to_side(&sum->sides[side], change->sides[side].blocks, change->sides[side].bytes,
				    change->sides[side].sample);
}

/* ---- rows ---- */

static enum change find_change(const struct block_change *change)
{
	struct cell bytes = change_of_bytes(change);
	struct cell blocks = change_of_blocks(change);
	enum change direction = change_direction(&bytes);

	if (direction == CHANGE_NONE)
		direction = change_direction(&blocks);
	if (direction == CHANGE_NONE ||
	    (change->sides[OLD_SPACE].blocks > 0 && change->sides[NEW_SPACE].blocks > 0))
		return direction;
	return change->sides[NEW_SPACE].blocks > 0 ? CHANGE_ADDED : CHANGE_REMOVED;
}

static void set_shares(struct block_change *changes, size_t n)
{
	uint64_t growth = 0;

	for (size_t i = 0; i < n; i++) {
		struct cell cell = change_of_bytes(&changes[i]);

		growth += change_direction(&cell) == CHANGE_GROWN ? cell.number : 0;
	}
	for (size_t i = 0; i < n; i++) {
		struct cell cell = change_of_bytes(&changes[i]);

		if (change_direction(&cell) == CHANGE_GROWN)
			changes[i].share = cell_percent(cell.number, growth);
	}
}

static struct block_change make_total(const struct view *view)
{
	struct block_change total = empty_change(NULL, UNKNOWN);

	total.name = "TOTAL";
	for (size_t side = 0; side < 2; side++) {
		const struct block_group *sum = &view->spaces[side]->answers.blocks.total;

		add_to_side(&total.sides[side], sum->blocks, sum->bytes, UNKNOWN);
	}
	return total;
}

static size_t list_changes(const struct view *view, struct block_change *ret)
{
	struct cursor cursors[2] = { begin(view->spaces[0]), begin(view->spaces[1]) };
	struct block_change others = empty_change(NULL, UNKNOWN);
	size_t n = 0;

	others.name = "other";
	while (next_change(cursors, &ret[n])) {
		if (is_among_others(cursors, &ret[n]))
			add_change(&others, &ret[n]);
		else if ((ret[n].change = (uint8_t)find_change(&ret[n])) != CHANGE_NONE)
			n++;
	}
	others.change = (uint8_t)find_change(&others);
	if (others.change != CHANGE_NONE)
		ret[n++] = others;
	return n;
}

static bool is_missing(const struct view *view)
{
	return view->spaces[OLD_SPACE]->answers.heap.is_missing ||
	       view->spaces[NEW_SPACE]->answers.heap.is_missing;
}

static void collect(const struct view *view, struct rows *rows)
{
	size_t most = view->spaces[OLD_SPACE]->answers.blocks.n_groups +
		      view->spaces[NEW_SPACE]->answers.blocks.n_groups;
	struct block_change *changes;
	size_t n;

	rows->is_unknown = is_missing(view);
	if (rows->is_unknown)
		return;
	changes = mem_array(most + 2, sizeof(*changes));
	n = list_changes(view, changes);
	set_shares(changes, n);
	changes[n] = make_total(view);
	change_set_rows(rows, changes, sizeof(*changes), n + 1, offsetof(struct block_change, change));
}

/* All blocks in use, including kinds that are the same on both sides. */
static void put_json_sums(struct json *json, const struct view *view)
{
	struct block_change total = make_total(view);
	struct cell blocks = change_of_blocks(&total);
	struct cell bytes = change_of_bytes(&total);

	if (is_missing(view)) {
		json_null(json, "block_sums");
		return;
	}
	json_open_object(json, "block_sums", true);
	json_change(json, "blocks_change", blocks.number, blocks.is_negative);
	json_change(json, "bytes_change", bytes.number, bytes.is_negative);
	json_number(json, "old_blocks", total.sides[OLD_SPACE].blocks);
	json_number(json, "new_blocks", total.sides[NEW_SPACE].blocks);
	json_number(json, "old_bytes", total.sides[OLD_SPACE].bytes);
	json_number(json, "new_bytes", total.sides[NEW_SPACE].bytes);
	json_close_object(json);
}

const struct view_info view_block_changes = {
	.option = "--diff --blocks",
	.columns = block_change_columns,
	.usual = "CHANGE,BYTES_CHANGE,SHARE,BLOCKS_CHANGE,OLD_BLOCKS,NEW_BLOCKS,NEW_BYTES,SIZE,CLASS",
	.sort = "-BYTES_CHANGE,-BLOCKS_CHANGE",
	.needs = NEED_BLOCKS | NEED_SECTIONS,
	.not_regions = true,
	.n_targets = 2,
	.may_stop = true,
	.collect = collect,
	.put_footer = change_put_footer,
	.record = &block_change_record,
	.array = "block_changes",
	.put_json = put_json_sums,
	.as_changes = &view_block_changes,
};
