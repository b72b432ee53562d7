/* SPDX-License-Identifier: MIT */
/* The input is a snapshot: if it is accepted, every view can show it. */
#include <stdlib.h>
#include <string.h>

#include "analysis/explain.h"
#include "base/mem.h"
#include "base/out.h"
#include "fuzz.h"
#include "inspect/inspect.h"
#include "output/render_json.h"
#include "output/render_table.h"
#include "snapshot/snapshot.h"

static void require_order(const struct space *space)
{
	const struct judgement *judgement = &space->judgement;

	for (size_t i = 0; i < judgement->n_regions; i++) {
		const struct region *region = &judgement->regions[i];

		require(region->start < region->end);
		require(region->mapping < space->facts.n_mappings);
		require(region->module == NO_MODULE || (size_t)region->module < judgement->n_modules);
		require(i == 0 || judgement->regions[i - 1].end <= region->start);
	}
}

#define COLUMNS_MAX 128

/* As a table with every column. */
static void show_table(struct out *out, const struct view *view, const struct view_info *info)
{
	const struct column *columns[COLUMNS_MAX];
	const struct table_style style = { .width = 80 };
	struct layout layout = { .columns = columns, .style = &style };

	for (const struct column *column = info->columns; column->name || column->key; column++)
		if (column->name && layout.n_columns < COLUMNS_MAX)
			columns[layout.n_columns++] = column;
	render_table(out, view, info, &layout, info->explanation);
}

static void show(const struct space *space, const struct view_info *info, FILE *null)
{
	static struct out out;
	struct view_spec spec = { .collect = info->collect };
	/* Differences are those between the snapshot and itself. */
	const struct space *const spaces[] = { space, space };
	struct json json;
	struct view view;

	out_init(&out, null);
	json_init(&json, &out);
	view_build(&view, spaces, MAX(info->n_targets, 1), &spec);
	render_json_begin(&json, false);
	render_json_target(&json, &view, info, true);
	render_json_end(&json);
	show_table(&out, &view, info);
	view_done(&view);
	require(out_flush(&out) == 0);
}

static void read_with(const uint8_t *data, size_t size, const struct view_info *info, FILE *null)
{
	static const char *const queries[] = { "0x10", "main" };
	struct request request = {
		.needs = info->needs | NEED_COUNTER | NEED_FLAGS,
		.counters = COUNTER_BIT(COUNTER_PSS),
		.all_counters = true,
		.queries = queries,
		.n_queries = ARRAY_SIZE(queries),
		.tid = NO_TID,
	};
	struct snapshot snapshot;
	struct space space;
	struct error err;
	int r = snapshot_open(&snapshot, mem_copy(data, size), size, &err);

	while (r == 0) {
		r = inspect(&snapshot.source, &request, &space, &err);
		if (r < 0)
			break;
		require_order(&space);
		show(&space, info, null);
		space_done(&space);
	}
	source_close(&snapshot.source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct view_info *const views[] = {
		&view_regions, &view_sections, &view_pages,  &view_frames,	  &view_at,
		&view_threads, &view_heap,     &view_blocks, &view_block_changes, &view_heap_changes,
		&view_summary, &view_modules,  &view_layout, &view_changes,	  &view_findings
	};
	static FILE *null;

	if (!null)
		null = fopen("/dev/null", "w");
	for (size_t i = 0; i < ARRAY_SIZE(views); i++)
		read_with(data, size, views[i], null);
	return 0;
}
