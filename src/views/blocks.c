/* SPDX-License-Identifier: MIT */
/* One row per size and class: blocks of malloc's heap, by the class of the object that they begin with. */
#include <string.h>

#include "base/mem.h"
#include "views/rows.h"
#include "views/views.h"

static const struct block_group *group_of(const struct row *row)
{
	return ((const struct block_row *)row->data)->group;
}

static void put_class(struct json *json, const struct column *column, const struct row *row)
{
	const char *name = group_of(row)->class_name;

	json_text(json, column->key, name, name ? strlen(name) : 0);
}

#define GROUP_FIELD(member) .field = FIELD_BEHIND(struct block_row, group, member)

static const struct column block_columns[] = {
	{ "CLASS", CELL_NAME, .shrinks = true, .keeps_start = true, .most = CLASS_MOST, .key = "class",
	  .field = FIELD(struct block_row, name), .put = put_class,
	  .help = "C++ class of each; with [], of an array; blank: not known (C, text, no virtual functions)" },
	{ "SIZE", CELL_SIZE, .key = "size", GROUP_FIELD(size),
	  .help = "bytes of each, with malloc's header, rounded up as malloc does" },
	{ "BLOCKS", CELL_NUMBER, .key = "blocks", GROUP_FIELD(blocks), .help = "blocks in use" },
	{ "BYTES", CELL_SIZE, .key = "bytes", GROUP_FIELD(bytes), .help = "bytes of all of them" },
	{ "SAMPLE", CELL_ADDRESS, .yields = 2, .key = "sample", GROUP_FIELD(sample),
	  .help = "address of one of them, for --at" },
	TARGET_COLUMNS,
	{ 0 },
};

static const struct record block_record = { block_columns, "class,size,blocks,bytes,sample" };

static void collect(const struct view *view, struct rows *rows)
{
	const struct answers *answers = &view_space(view)->answers;
	const struct block_list *list = &answers->blocks;
	size_t n = answers->heap.is_missing ? 0 : list->n_groups + 1;
	struct block_row *lines = mem_array(n + 1, sizeof(*lines));

	for (size_t i = 0; i + 1 < n; i++) {
		const struct block_group *group = &list->groups[i];

		lines[i] = (struct block_row){ group, group->size == UNKNOWN ? "other" : group->class_name };
	}
	if (n > 0)
		lines[n - 1] = (struct block_row){ &list->total, "TOTAL" };
	rows_set(rows, lines, sizeof(*lines), n, lines);
	rows->n_sums = n > 0 ? 1 : 0;
	rows->is_unknown = answers->heap.is_missing;
}

const struct view_info view_blocks = {
	.option = "--blocks",
	.identity = "CLASS,SIZE",
	.columns = block_columns,
	.usual = "CLASS,SIZE,BLOCKS,BYTES,SAMPLE",
	.sort = "-BYTES",
	.needs = NEED_BLOCKS | NEED_SECTIONS,
	.not_regions = true,
	.may_stop = true,
	.has_symbols = true,
	.as_changes = &view_block_changes,
	.collect = collect,
	.record = &block_record,
	.array = "blocks",
};
