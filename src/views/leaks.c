/* SPDX-License-Identifier: MIT */
/* A row a group of lost blocks, and what they all come to. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "output/render_json.h"
#include "output/wrap_text.h"
#include "views/format.h"
#include "views/views.h"

static const struct column leaks_columns[] = {
	{ "SIZE", CELL_SIZE, .key = "size", .field = FIELD(struct leak, size),
	  .help = "bytes of each block, with malloc's header" },
	{ "BLOCKS", CELL_NUMBER, .key = "blocks", .field = FIELD(struct leak, blocks),
	  .help = "blocks that nothing leads to" },
	{ "BYTES", CELL_SIZE, .key = "bytes", .field = FIELD(struct leak, bytes),
	  .help = "bytes of all of them" },
	{ "SAMPLE", CELL_ADDRESS, .yields = 2, .key = "sample", .field = FIELD(struct leak, sample),
	  .help = "address of the first one" },
	{ "HOLDER", CELL_ADDRESS, .yields = 1, .key = "holder", .field = FIELD(struct leak, holder),
	  .help = "another lost block, that points to it; -: no lost block does" },
	TARGET_COLUMNS,
	{ 0 },
};

static const struct record leaks_record = { leaks_columns, "size,blocks,bytes,sample,holder" };

static void collect(const struct view *view, struct rows *rows)
{
	const struct leaks *leaks = &view_space(view)->answers.leaks;

	rows_set(rows, leaks->items, sizeof(*leaks->items), leaks->n, NULL);
	rows->is_unknown = leaks->is_missing;
}

static char *count_blocks(uint64_t blocks, uint64_t bytes)
{
	_cleanup_free_ char *number = format_count(blocks);
	_cleanup_free_ char *size = format_size(bytes);

	return mem_format("%s block%s (%s)", number, blocks == 1 ? "" : "s", size);
}

/* NULL where no heap is known. */
static char *verdict(const struct leaks *leaks)
{
	_cleanup_free_ char *all = count_blocks(leaks->blocks, leaks->bytes);
	uint64_t blocks = 0;
	uint64_t bytes = 0;

	if (leaks->is_missing)
		return NULL;
	if (leaks->n == 0)
		return mem_format("No block is lost%s.", leaks->unsure_blocks > 0 ? " for certain" : "");
	for (size_t i = 0; i < leaks->n; i++)
		if (leaks->items[i].holder == UNKNOWN) {
			blocks += leaks->items[i].blocks;
			bytes += leaks->items[i].bytes;
		}
	_cleanup_free_ char *roots = count_blocks(blocks, bytes);
	return blocks == leaks->blocks ?
		       mem_format("%s lost: nothing leads to %s.", all, blocks == 1 ? "it" : "them") :
		       mem_format("%s lost: nothing at all points to %s, and only lost blocks to the others.",
				  all, roots);
}

static void put_footer(struct out *out, const struct view *view, const struct layout *layout)
{
	_cleanup_free_ char *sentence = verdict(&view_space(view)->answers.leaks);

	if (!sentence)
		return;
	out_char(out, '\n');
	out_wrapped(out, sentence, 0, 0, layout->style->width);
	out_char(out, '\n');
}

static void put_json(struct json *json, const struct view *view)
{
	const struct leaks *leaks = &view_space(view)->answers.leaks;
	_cleanup_free_ char *sentence = verdict(leaks);

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
	.usual = "SIZE,BLOCKS,BYTES,SAMPLE,HOLDER",
	.needs = NEED_LEAKS | NEED_THREADS | NEED_ARENA_USERS | NEED_SECTIONS,
	.not_regions = true,
	.may_stop = true,
	.rows_are_findings = true,
	.collect = collect,
	.put_footer = put_footer,
	.record = &leaks_record,
	.array = "leaks",
	.put_json = put_json,
};
