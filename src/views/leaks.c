/* SPDX-License-Identifier: MIT */
/* One row per group of lost blocks, and a verdict on all of them. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "output/render_json.h"
#include "views/format.h"
#include "views/views.h"

static struct cell get_class(const struct column *column, const struct row *row)
{
	const struct block_group *group = row->data;

	(void)column;
	return cell_text(group->size == UNKNOWN ? "other" : group->class_name);
}

static void put_class(struct json *json, const struct column *column, const struct row *row)
{
	json_word(json, column->key, ((const struct block_group *)row->data)->class_name);
}

/* Either all groups of a target are unsure, or none is. */
static bool are_unsure(const struct space *space)
{
	return space->answers.leaks.unread > 0;
}

static void put_unsure(struct json *json, const struct column *column, const struct row *row)
{
	json_bool(json, column->key, are_unsure(row->space));
}

static const struct column leaks_columns[] = {
	{ "CLASS", CELL_NAME, .shrinks = true, .keeps_start = true, .most = CLASS_MOST, .get = get_class,
	  .key = "class", .put = put_class,
	  .help = "C++ class of each; with [], of an array; blank: not known (C, text, no virtual functions)" },
	{ "SIZE", CELL_SIZE, .key = "size", .field = FIELD(struct block_group, size),
	  .help = "bytes of each, with malloc's header, rounded up as malloc does" },
	{ "BLOCKS", CELL_NUMBER, .key = "blocks", .field = FIELD(struct block_group, blocks),
	  .help = "blocks that nothing leads to" },
	{ "BYTES", CELL_SIZE, .key = "bytes", .field = FIELD(struct block_group, bytes),
	  .help = "bytes of all of them" },
	{ "SAMPLE", CELL_ADDRESS, .yields = 2, .key = "sample", .field = FIELD(struct block_group, sample),
	  .help = "address of the first one" },
	{ "HOLDER", CELL_ADDRESS, .yields = 1, .key = "holder", .field = FIELD(struct block_group, holder),
	  .help = "lost block that points to SAMPLE; -: none points to any of the group" },
	TARGET_COLUMNS,
	{ .key = "unsure", .put = put_unsure },
	{ 0 },
};

static const struct record leaks_record = { leaks_columns, "class,size,blocks,bytes,sample,holder,unsure" };

static void collect(const struct view *view, struct rows *rows)
{
	const struct leaks *leaks = &view_space(view)->answers.leaks;

	rows_set(rows, leaks->list.groups, sizeof(*leaks->list.groups), leaks->list.n_groups, NULL);
	rows->is_unknown = leaks->is_missing;
	rows->are_unsure = are_unsure(view_space(view));
}

/* `more`: " more" if other blocks are named before these, or "". */
static char *count_blocks(uint64_t blocks, const char *more, uint64_t bytes, bool is_exact)
{
	_cleanup_free_ char *number = format_count(blocks);
	_cleanup_free_ char *size = format_size(bytes, is_exact);

	return mem_format("%s%s block%s (%s)", number, more, blocks == 1 ? "" : "s", size);
}

static char *count_lost(const struct block_list *list, bool is_exact)
{
	_cleanup_free_ char *all = count_blocks(list->total.blocks, "", list->total.bytes, is_exact);
	uint64_t blocks = 0;
	uint64_t bytes = 0;

	for (size_t i = 0; i < list->n_groups; i++)
		if (list->groups[i].holder == UNKNOWN) {
			blocks += list->groups[i].blocks;
			bytes += list->groups[i].bytes;
		}
	if (blocks == list->total.blocks)
		return mem_format("%s lost: nothing leads to %s.", all, blocks == 1 ? "it" : "them");
	if (blocks == 0)
		return mem_format("%s lost: only lost blocks lead to them.", all);
	_cleanup_free_ char *number = format_count(blocks);
	_cleanup_free_ char *others = format_count(list->total.blocks - blocks);
	_cleanup_free_ char *size = format_size(bytes, is_exact);
	return mem_format("%s lost: nothing points to %s of them (%s), and only lost blocks to the other %s.",
			  all, number, size, others);
}

static char *count_unsure(const struct leaks *leaks, bool is_core, bool is_exact)
{
	_cleanup_free_ char *all = count_blocks(leaks->unsure_blocks, "", leaks->unsure_bytes, is_exact);
	_cleanup_free_ char *unread = format_size(leaks->unread, is_exact);
	const char *them = leaks->unsure_blocks == 1 ? "it" : "them";

	if (is_core)
		return mem_format(
			"%s may be lost: nothing in the core file leads to %s, but it lacks %s of memory.",
			all, them, unread);
	return mem_format(
		"%s may be lost: nothing leads to %s but, perhaps, %s of memory that could not be read.", all,
		them, unread);
}

static char *count_all(const struct leaks *leaks, bool is_core, bool is_exact)
{
	bool has_lost = leaks->list.n_groups > 0;
	_cleanup_free_ char *lost = NULL;
	_cleanup_free_ char *unsure = NULL;

	if (leaks->unread > 0)
		return count_unsure(leaks, is_core, is_exact);
	if (leaks->unsure_blocks == 0)
		return has_lost ? count_lost(&leaks->list, is_exact) :
				  mem_format("No block of malloc(3) is lost.");
	unsure = count_blocks(leaks->unsure_blocks, has_lost ? " more" : "", leaks->unsure_bytes, is_exact);
	if (!has_lost)
		return mem_format("%s may be lost.", unsure);
	lost = count_lost(&leaks->list, is_exact);
	return mem_format("%s %s may be lost.", lost, unsure);
}

/* All that there is to say about the lost blocks; NULL: no heap is known. */
static char *verdict(const struct space *space, bool is_exact)
{
	const struct answers *answers = &space->answers;
	const char *others = answers->heap.others;
	_cleanup_free_ char *all = NULL;

	if (answers->leaks.is_missing)
		return NULL;
	all = count_all(&answers->leaks, space->facts.origin == ORIGIN_CORE, is_exact);
	return mem_format("%s%s%s%s", all, others ? " The heap of " : "", others ? others : "",
			  others ? " was not looked into." : "");
}

static void put_footer(struct out *out, const struct view *view, const struct layout *layout)
{
	_cleanup_free_ char *sentence = verdict(view_space(view), layout->style->bytes);

	put_sentence(out, sentence, layout->style->width);
}

static void put_json(struct json *json, const struct view *view)
{
	const struct leaks *leaks = &view_space(view)->answers.leaks;
	_cleanup_free_ char *sentence = verdict(view_space(view), false);

	json_word(json, "verdict", sentence);
	if (leaks->is_missing) {
		json_null(json, "unsure");
		return;
	}
	json_open_object(json, "unsure", true);
	json_number(json, "blocks", leaks->unsure_blocks);
	json_number(json, "bytes", leaks->unsure_bytes);
	json_close_object(json);
}

const struct view_info view_leaks = {
	.option = "--leaks",
	.identity = "SAMPLE",
	.columns = leaks_columns,
	.usual = "CLASS,SIZE,BLOCKS,BYTES,SAMPLE,HOLDER",
	.needs = NEED_LEAKS | NEED_THREADS | NEED_ARENA_USERS | NEED_SECTIONS,
	.not_regions = true,
	.may_stop = true,
	.has_symbols = true,
	.rows_are_findings = true,
	.collect = collect,
	.put_footer = put_footer,
	.record = &leaks_record,
	.array = "leaks",
	.put_json = put_json,
};
