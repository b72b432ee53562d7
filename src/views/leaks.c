/* SPDX-License-Identifier: MIT */
/* A row a group of lost blocks, and what they all come to. */
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
	{ 0 },
};

static const struct record leaks_record = { leaks_columns, "class,size,blocks,bytes,sample,holder" };

static void collect(const struct view *view, struct rows *rows)
{
	const struct leaks *leaks = &view_space(view)->answers.leaks;

	rows_set(rows, leaks->list.groups, sizeof(*leaks->list.groups), leaks->list.n_groups, NULL);
	rows->is_unknown = leaks->is_missing;
}

/* `more`: " more" where others come before them. */
static char *count_blocks(uint64_t blocks, const char *more, uint64_t bytes)
{
	_cleanup_free_ char *number = format_count(blocks);
	_cleanup_free_ char *size = format_size(bytes);

	return mem_format("%s%s block%s (%s)", number, more, blocks == 1 ? "" : "s", size);
}

static char *count_lost(const struct block_list *list)
{
	_cleanup_free_ char *all = count_blocks(list->total.blocks, "", list->total.bytes);
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
	_cleanup_free_ char *size = format_size(bytes);
	return mem_format("%s lost: nothing points to %s of them (%s), and only lost blocks to the other %s.",
			  all, number, size, others);
}

/* Whatever of it is there to say; NULL where no heap is known. */
static char *verdict(const struct answers *answers)
{
	const struct leaks *leaks = &answers->leaks;
	bool has_lost = leaks->list.n_groups > 0;
	const char *others = answers->heap.others;
	_cleanup_free_ char *lost = NULL;
	_cleanup_free_ char *unsure = NULL;
	_cleanup_free_ char *unread = NULL;

	if (leaks->is_missing)
		return NULL;
	if (has_lost)
		lost = count_lost(&leaks->list);
	else if (leaks->unsure_blocks == 0)
		lost = mem_format("No block of malloc(3) is lost.");
	if (leaks->unsure_blocks > 0)
		unsure = count_blocks(leaks->unsure_blocks, has_lost ? " more" : "", leaks->unsure_bytes);
	if (others)
		unread = mem_format(" The heap of %s was not looked into.", others);
	return mem_format("%s%s%s%s%s", lost ? lost : "", lost && unsure ? " " : "", unsure ? unsure : "",
			  unsure ? " may be lost." : "", unread ? unread : "");
}

static void put_footer(struct out *out, const struct view *view, const struct layout *layout)
{
	_cleanup_free_ char *sentence = verdict(&view_space(view)->answers);

	put_sentence(out, sentence, layout->style->width);
}

static void put_json(struct json *json, const struct view *view)
{
	const struct leaks *leaks = &view_space(view)->answers.leaks;
	_cleanup_free_ char *sentence = verdict(&view_space(view)->answers);

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
