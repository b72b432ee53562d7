/* SPDX-License-Identifier: MIT */
/* One row per region: what each range of the address space is. */
#include <string.h>

#include "analysis/explain.h"
#include "views/totals.h"

static const struct mapping *mapping_of(const struct space *space, const struct region *region)
{
	return &space->facts.mappings[region->mapping];
}

static const struct object *object_of(const struct space *space, const struct region *region)
{
	return mapping_object(&space->facts, mapping_of(space, region));
}

static struct cell get_size(const struct column *column _unused_, const struct row *row)
{
	const struct region *region = row->data;

	return cell_number(region->end - region->start);
}

static struct cell get_perms(const struct column *column _unused_, const struct row *row)
{
	return cell_perms(mapping_of(row->space, row->data)->perms);
}

static struct cell get_kind(const struct column *column _unused_, const struct row *row)
{
	return cell_kind(((const struct region *)row->data)->kind);
}

static struct cell get_name(const struct column *column _unused_, const struct row *row)
{
	return cell_name(region_name(row->space, row->data));
}

/* The offset of the region's first byte; /proc/PID/maps has that of the mapping's. */
static struct cell get_offset(const struct column *column _unused_, const struct row *row)
{
	const struct region *region = row->data;
	const struct mapping *m = mapping_of(row->space, region);

	return cell_number(has_offset(mapping_object(&row->space->facts, m)) ?
				   m->offset + (region->start - m->start) :
				   UNKNOWN);
}

static struct cell get_dev(const struct column *column _unused_, const struct row *row)
{
	const struct object *object = object_of(row->space, row->data);

	return cell_number(has_file(object) ? (uint64_t)object->major << 32 | object->minor : UNKNOWN);
}

static struct cell get_inode(const struct column *column _unused_, const struct row *row)
{
	const struct object *object = object_of(row->space, row->data);

	return cell_number(has_file(object) ? object->inode : UNKNOWN);
}

/* A module's short name: the last component of its path. */
static struct cell get_module(const struct column *column _unused_, const struct row *row)
{
	return cell_base_name(region_module_object(row->space, row->data));
}

static struct cell get_buildid(const struct column *column _unused_, const struct row *row)
{
	const struct object *object = region_module_object(row->space, row->data);

	return object ? cell_build_id(object->image) : (struct cell){ 0 };
}

static struct cell get_section(const struct column *column _unused_, const struct row *row)
{
	const struct section *section = region_section(row->space, row->data);

	if (!section || !section->name)
		return (struct cell){ 0 };
	return (struct cell){ .text = section->name, .len = strlen(section->name) };
}

static struct cell get_file(const struct column *column _unused_, const struct row *row)
{
	return cell_word(file_state_names[object_of(row->space, row->data)->state]);
}

static struct cell get_dumped(const struct column *column _unused_, const struct row *row)
{
	const struct region *region = row->data;

	return cell_number(facts_dumped(&row->space->facts, region->start, region->end));
}

static void put_dumped(struct json *json, const struct column *column, const struct row *row)
{
	if (row->space->facts.origin == ORIGIN_CORE)
		json_number(json, column->key, get_dumped(column, row).number);
}

/* How many pages begin below an address. */
static uint64_t pages_below(uint64_t addr, uint64_t page_size)
{
	return addr / page_size + (addr % page_size != 0);
}

/* Pages belong to the region that holds their first byte. */
static struct cell get_pages(const struct column *column _unused_, const struct row *row)
{
	const struct region *region = row->data;
	uint64_t page = row->space->facts.page_size;

	return cell_number(pages_below(region->end, page) - pages_below(region->start, page));
}

static struct cell get_counter(const struct column *column, const struct row *row)
{
	return cell_number(region_counter(row->space, row->data, column->counter));
}

static struct cell get_flags(const struct column *column _unused_, const struct row *row)
{
	const char *words =
		usage_flags(&row->space->facts.usage, ((const struct region *)row->data)->mapping);

	/* Not marked as plain: they may come from a recording that anybody made. */
	return (struct cell){ .text = words, .len = words ? strlen(words) : 0 };
}

/* ---- only in JSON ---- */

/* The name as in /proc/PID/maps: the module of a nameless mapping has a separate key. */
static struct cell get_mapping_name(const struct column *column _unused_, const struct row *row)
{
	return cell_name(object_of(row->space, row->data));
}

static void put_counters(struct json *json, const struct usage *usage, const uint64_t *values)
{
	for (enum counter f = 0; f < N_COUNTERS; f++)
		if (counters[f].name && usage_has(usage, f))
			json_number(json, counters[f].name,
				    values ? usage_counter(usage, values, f) : UNKNOWN);
	for (size_t i = 0; i < usage->n_slots; i++)
		if (usage->slots[i].name)
			json_number(json, usage->slots[i].name, values ? values[i] : UNKNOWN);
}

static void put_usage(struct json *json, const struct column *column, const struct row *row)
{
	const struct usage *usage = &row->space->facts.usage;

	if (usage->n_slots > 0) {
		json_open_object(json, column->key, true);
		put_counters(json, usage, region_counters(row->space, row->data));
		json_bool(json, "apportioned", is_apportioned(row->space, row->data));
		json_close_object(json);
	} else if (usage->is_missing) {
		json_null(json, column->key);
	}
}

static void put_words(struct json *json, const char *key, const char *words)
{
	json_open_array(json, key, true);
	for (const char *word = words; *word;) {
		size_t len = strcspn(word, ",");

		json_text(json, NULL, word, len);
		word += len + (word[len] == ',');
	}
	json_close_array(json);
}

static void put_flags(struct json *json, const struct column *column, const struct row *row)
{
	const struct usage *usage = &row->space->facts.usage;
	const char *words = usage_flags(usage, ((const struct region *)row->data)->mapping);

	if (words)
		put_words(json, column->key, words);
	else if (usage->keeps_all || usage->is_missing)
		json_null(json, column->key);
}

static struct cell get_mapping_number(const struct column *column _unused_, const struct row *row)
{
	return cell_number(
		facts_mapping_number(&row->space->facts, ((const struct region *)row->data)->mapping));
}

/* ---- columns ---- */

static const struct column region_columns[] = {
	{ "START", CELL_ADDRESS, .takes_every = true, .key = "start", .last_is_widest = true,
	  .field = FIELD(struct region, start), .help = "first address" },
	{ "END", CELL_ADDRESS, .takes_every = true, .key = "end", .last_is_widest = true, .yields = 9,
	  .field = FIELD(struct region, end), .help = "address after the last one" },
	{ "SIZE", CELL_SIZE, .yields = 3, .key = "size", .get = get_size, .help = "bytes from START to END" },
	{ "PADDING", CELL_SIZE, .key = "padding", .field = FIELD(struct region, padding),
	  .help = "bytes of SIZE outside the segment: pages are mapped whole" },
	{ "PERMS", CELL_WORD, .yields = 8, .key = "perms", .last_is_widest = true, .get = get_perms,
	  .help = "access: r read, w write, x execute; s shared or p private" },
	{ "KIND", CELL_WORD, .yields = 1, .key = "kind", .get = get_kind,
	  .help = "what it is: see the kinds" },
	{ "NAME", CELL_NAME, .shrinks = true, .get = get_name,
	  .help = "file or label of the mapping, or the file of its module" },
	{ "OFFSET", CELL_OFFSET, .key = "offset", .get = get_offset, .help = "of START in the file" },
	{ "DEV", CELL_DEVICE, .key = "dev", .get = get_dev, .help = "device of the file, major:minor" },
	{ "INODE", CELL_NUMBER, .key = "inode", .get = get_inode, .help = "inode of the file" },
	{ "MODULE", CELL_NAME, .needs = NEED_VDSO, .get = get_module,
	  .help = "ELF module that it belongs to" },
	{ "BUILDID", CELL_BYTES, .needs = NEED_VDSO | NEED_BUILD_ID, .get = get_buildid,
	  .help = "build-id of the module" },
	{ "SECTION", CELL_NAME, .shrinks = true, .keeps_start = true, .least = 8, .key = "section",
	  .needs = NEED_VDSO | NEED_SECTIONS, .get = get_section,
	  .help = "ELF section that all of it lies in" },
	{ "TID", CELL_NUMBER, .key = "tid", .needs = NEED_ARENA_USERS, .field = FIELD(struct region, tid),
	  .help = "thread whose stack or arena it is" },
	{ "BASIS", CELL_WORD, .key = "basis", .needs = NEED_LARGE_BLOCKS,
	  .field = FIELD(struct region, basis), .words = basis_names,
	  .help = "how KIND is known: segment, section, name, and so on" },
	{ "FILE", CELL_WORD, .key = "file", .needs = NEED_FILE_STATE, .get = get_file,
	  .help = "state of the file: ok, deleted, replaced, memfd, unreadable" },
	{ "PAGES", CELL_NUMBER, .get = get_pages, .help = "pages that begin between START and END" },
	{ "DUMPED", CELL_SIZE, .key = "dumped", .get = get_dumped, .put = put_dumped,
	  .help = "bytes of it that are in the core file" },
	SUM_COUNTERS(COUNTER_COLUMN),
	PROPERTY_COUNTERS(COUNTER_COLUMN),
	{ "FLAGS", CELL_NAME, .key = "flags", .needs = NEED_FLAGS, .get = get_flags, .put = put_flags,
	  .help = "VmFlags of the mapping, in words" },
	TARGET_COLUMNS,
	{ NULL, CELL_NAME, .key = "name", .get = get_mapping_name },
	{ NULL, CELL_NUMBER, .key = "module", .field = FIELD(struct region, module) },
	{ NULL, CELL_NUMBER, .key = "mapping", .get = get_mapping_number },
	{ .key = "usage", .needs = NEED_COUNTER, .put = put_usage },
	{ 0 },
};

const struct record region_record = {
	region_columns,
	"start,end,size,padding,perms,kind,basis,name,offset,dev,inode,file,module,section,tid,mapping,dumped,usage,flags",
};

static char *explanation(const struct row *row)
{
	return explain(row->space, row->data);
}

static void put_footer(struct out *out, const struct view *view, const struct layout *layout)
{
	out_char(out, '\n');
	render_totals(out, view, layout);
}

const struct view_info view_regions = {
	.option = NULL,
	.columns = region_columns,
	.usual = "START,END,SIZE,PERMS,KIND,NAME",
	.extended = "START,END,SIZE,RSS,PSS,DIRTY,SWAP,PERMS,KIND,NAME",
	.every = "START,END,SIZE," ALL_COUNTERS ",PERMS,KIND,FLAGS,NAME",
	.pictured = "RSS",
	.explanation = explanation,
	.put_footer = put_footer,
	.record = &region_record,
	.json_parts = JSON_ALL,
};

const struct view_info view_sections = {
	.option = "--sections",
	.columns = region_columns,
	.usual = "START,END,SIZE,PERMS,KIND,SECTION,NAME",
	.extended = "START,END,SIZE,RSS,PSS,DIRTY,SWAP,PERMS,KIND,SECTION,NAME",
	.every = "START,END,SIZE," ALL_COUNTERS ",PERMS,KIND,FLAGS,SECTION,NAME",
	.pictured = "RSS",
	.needs = NEED_VDSO | NEED_SECTIONS | NEED_CUTS,
	.explanation = explanation,
	.put_footer = put_footer,
	.record = &region_record,
	.json_parts = JSON_ALL,
};
