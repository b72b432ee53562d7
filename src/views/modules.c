/* SPDX-License-Identifier: MIT */
/* One row per module: what each program and library contributes, and what it costs. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "views/rows.h"
#include "views/totals.h"

static const struct module_row *row_of(const void *row)
{
	return row;
}

static const struct object *object_of(const struct space *space, const void *row)
{
	const struct module *module = row_of(row)->module;

	return module ? space->facts.objects[module->object] : NULL;
}

static struct cell get_counter(const struct column *column, const struct row *row)
{
	return cell_number(
		usage_counter(&row->space->facts.usage, row_of(row->data)->usage, column->counter));
}

static struct cell get_buildid(const struct column *column _unused_, const struct row *row)
{
	const struct object *object = object_of(row->space, row->data);

	return object ? cell_build_id(object->image) : (struct cell){ 0 };
}

static struct cell get_file(const struct column *column _unused_, const struct row *row)
{
	const struct object *object = object_of(row->space, row->data);

	return cell_word(object ? file_state_names[object->state] : NULL);
}

static struct cell get_module(const struct column *column _unused_, const struct row *row)
{
	return cell_base_name(object_of(row->space, row->data));
}

static struct cell get_name(const struct column *column _unused_, const struct row *row)
{
	return row_of(row->data)->module ? cell_name(object_of(row->space, row->data)) : cell_word("TOTAL");
}

static void put_usage(struct json *json, const struct column *column, const struct row *row)
{
	put_counter_sums(json, column->key, &row->space->facts.usage, row_of(row->data)->usage);
}

static const struct column module_columns[] = {
	{ "TEXT", CELL_SIZE, .key = "text", .field = FIELD(struct module_row, sizes[KIND_TEXT]),
	  .help = "bytes of machine code" },
	{ "RODATA", CELL_SIZE, .yields = 3, .key = "rodata",
	  .field = FIELD(struct module_row, sizes[KIND_RODATA]),
	  .help = "bytes of constants, headers and tables" },
	{ "RELRO", CELL_SIZE, .yields = 4, .key = "relro",
	  .field = FIELD(struct module_row, sizes[KIND_RELRO]),
	  .help = "bytes of data made read-only once relocated" },
	{ "DATA", CELL_SIZE, .yields = 2, .key = "data", .field = FIELD(struct module_row, sizes[KIND_DATA]),
	  .help = "bytes of initialised data" },
	{ "BSS", CELL_SIZE, .key = "bss", .field = FIELD(struct module_row, sizes[KIND_BSS]),
	  .help = "bytes of data that start as zeroes" },
	{ "PADDING", CELL_SIZE, .yields = 9, .key = "padding", .field = FIELD(struct module_row, padding),
	  .help = "bytes mapped besides those above, since pages are mapped whole" },
	SUM_COUNTERS(COUNTER_COLUMN),
	{ "START", CELL_ADDRESS, .takes_every = true, .key = "start",
	  .field = FIELD_BEHIND(struct module_row, module, start), .help = "first address" },
	{ "END", CELL_ADDRESS, .takes_every = true, .key = "end",
	  .field = FIELD_BEHIND(struct module_row, module, end),
	  .help = "address after the last one; there may be holes" },
	{ "BIAS", CELL_ADDRESS, .yields = 7, .takes_every = true, .key = "bias",
	  .field = FIELD_BEHIND(struct module_row, module, bias),
	  .help = "what is added to the addresses in the file" },
	{ "BUILDID", CELL_BYTES, .key = "build_id", .get = get_buildid, .help = "build-id" },
	{ "FILE", CELL_WORD, .yields = 8, .key = "file", .needs = NEED_FILE_STATE, .get = get_file,
	  .help = "what has become of the file" },
	{ "MODULE", CELL_NAME, .get = get_module, .help = "last component of NAME" },
	{ "NAME", CELL_NAME, .key = "path", .shrinks = true, .get = get_name, .help = "the file" },
	TARGET_COLUMNS,
	{ .key = "usage", .put = put_usage },
	{ 0 },
};

static const struct record module_record = {
	module_columns,
	"path,build_id,bias,start,end,text,rodata,relro,data,bss,padding,file,usage",
};

/* Makes a row for each module, whether or not its regions are shown, and a last one for the sum. */
static struct module_row *make_rows(const struct space *space)
{
	size_t n_rows = space->judgement.n_modules + 1;
	size_t n_values = n_rows * space->facts.usage.n_slots;
	/* One allocation, so that the view can free it: the values follow the rows. */
	struct module_row *rows = mem_alloc(n_rows * sizeof(*rows) + n_values * sizeof(uint64_t));
	uint64_t *values = (uint64_t *)(rows + n_rows);
	_cleanup_free_ uint64_t *usage = view_module_usage(space);
	size_t n_known = n_values - space->facts.usage.n_slots;

	if (n_known > 0)
		memcpy(values, usage, n_known * sizeof(*values));
	for (size_t i = n_known; i < n_values; i++)
		values[i] = UNKNOWN;
	for (size_t i = 0; i < n_rows; i++)
		rows[i].usage = values + i * space->facts.usage.n_slots;
	for (size_t i = 0; i < space->judgement.n_modules; i++) {
		rows[i].module = &space->judgement.modules[i];
		rows[i].padding = space->judgement.modules[i].padding;
		memcpy(rows[i].sizes, space->judgement.modules[i].sizes, sizeof(rows[i].sizes));
	}
	return rows;
}

static void add_row(struct module_row *sum, const struct module_row *row, size_t n_slots)
{
	for (size_t k = 0; k < N_MODULE_KINDS; k++)
		sum->sizes[k] = known_sum(sum->sizes[k], row->sizes[k]);
	sum->padding = known_sum(sum->padding, row->padding);
	view_add_usage(sum->usage, row->usage, n_slots);
}

static void collect_all(const struct view *view, struct rows *rows)
{
	struct module_row *modules = make_rows(view_space(view));

	rows_set(rows, modules, sizeof(*modules), view_space(view)->judgement.n_modules, modules);
	rows->is_unknown = view_lacks(view, JSON_MODULES);
}

/* Only modules with a region that is shown. */
static void collect(const struct view *view, struct rows *rows)
{
	const struct space *space = view_space(view);
	struct module_row *modules = make_rows(space);
	struct module_row *sum = &modules[space->judgement.n_modules];
	_cleanup_free_ bool *is_shown = mem_alloc(space->judgement.n_modules + 1);
	uint32_t *order = mem_array(space->judgement.n_modules + 1, sizeof(*order));
	size_t n = 0;

	for (size_t i = 0; i < view->n_regions; i++)
		if (space->judgement.regions[view->regions[i]].module != NO_MODULE)
			is_shown[space->judgement.regions[view->regions[i]].module] = true;
	for (size_t i = 0; i < space->judgement.n_modules; i++)
		if (is_shown[i] || lacks_regions(&space->facts)) {
			add_row(sum, &modules[i], space->facts.usage.n_slots);
			order[n++] = (uint32_t)i;
		}
	order[n++] = (uint32_t)space->judgement.n_modules;
	rows_set(rows, modules, sizeof(*modules), n, modules);
	rows->order = order;
	rows->n_sums = 1;
	rows->is_unknown = view_lacks(view, JSON_MODULES);
}

const struct view_info view_modules = {
	.option = "--modules",
	.columns = module_columns,
	.usual = "TEXT,RODATA,RELRO,DATA,BSS,PADDING,BIAS,FILE,NAME",
	.identity = "NAME,START",
	.needs = NEED_VDSO | NEED_BUILD_ID,
	.extended = "TEXT,RODATA,RELRO,DATA,BSS,PADDING,RSS,PSS,USS,SWAP,FILE,NAME",
	.every = "TEXT,RODATA,RELRO,DATA,BSS,PADDING," ALL_COUNTERS ",BIAS,BUILDID,FILE,NAME",
	.collect = collect,
	.collect_all = collect_all,
	.record = &module_record,
	.array = "modules",
};
