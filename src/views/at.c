/* SPDX-License-Identifier: MIT */
/* What is at an address: a record for each address that was asked about. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/explain.h"
#include "base/mem.h"
#include "base/text.h"
#include "elf/demangle.h"
#include "views/rows.h"
#include "views/views.h"

#define EXACT_MAX (UINT64_C(1) << 24)

static const struct at_row *row_of(const void *row)
{
	return row;
}

/* ---- what is looked up in the model ---- */

static const struct module *module_of(const struct space *space, const struct region *region)
{
	return region && region->module != NO_MODULE ? &space->judgement.modules[region->module] : NULL;
}

/* The address as in the headers and symbols of the module's file. */
static uint64_t elf_address(const struct space *space, const struct at_row *row)
{
	const struct module *module = module_of(space, row->region);

	return module ? row->lookup->addr - module->bias : UNKNOWN;
}

/* ---- columns ---- */

/* Cells of region columns that hold for every address in the region. */
static struct cell get_of_region(const struct column *column, const struct row *row)
{
	const struct column *same = column_find(view_regions.columns, column->name, strlen(column->name));

	if (row_of(row->data)->region)
		return column_cell(same, &(struct row){ row_of(row->data)->region, row->space, row->view });
	if (column->type == CELL_ADDRESS || column->type == CELL_SIZE || column->type == CELL_NUMBER)
		return cell_number(UNKNOWN);
	return (struct cell){ 0 };
}

static struct cell get_symbol_size(const struct column *column _unused_, const struct row *row)
{
	const struct lookup *lookup = row_of(row->data)->lookup;

	return cell_number(lookup->symbol ? lookup->symbol_size : UNKNOWN);
}

static struct cell get_elf_address(const struct column *column _unused_, const struct row *row)
{
	return cell_number(elf_address(row->space, row->data));
}

static struct cell get_contents(const struct column *column _unused_, const struct row *row)
{
	const struct block_lookup *block = row_of(row->data)->lookup->block;

	if (!row->view->shows_contents || !block || block->n_contents == 0)
		return (struct cell){ 0 };
	return (struct cell){ .text = block->contents, .len = block->n_contents };
}

/* ---- what is an object in JSON ---- */

static const void *find_region(const struct row *row)
{
	return row_of(row->data)->region;
}

static const void *find_page(const struct row *row)
{
	const struct lookup *lookup = row_of(row->data)->lookup;

	return lookup->has_page ? &lookup->page : NULL;
}

static const void *find_symbol(const struct row *row)
{
	return row_of(row->data)->lookup->symbol ? row->data : NULL;
}

static const struct column symbol_columns[] = {
	{ NULL, CELL_NAME, .key = "name", .field = FIELD_BEHIND(struct at_row, lookup, symbol) },
	{ NULL, CELL_NAME, .key = "demangled", .field = FIELD(struct at_row, demangled) },
	{ NULL, CELL_OFFSET, .key = "offset", .field = FIELD_BEHIND(struct at_row, lookup, symbol_offset) },
	{ NULL, CELL_SIZE, .key = "size", .field = FIELD_BEHIND(struct at_row, lookup, symbol_size) },
	{ 0 },
};

static const struct record symbol_record = { symbol_columns, "name,demangled,offset,size" };

static const void *find_below(const struct row *row)
{
	const struct neighbour *below = &row_of(row->data)->next[BELOW];

	return below->region ? below : NULL;
}

static const void *find_above(const struct row *row)
{
	const struct neighbour *above = &row_of(row->data)->next[ABOVE];

	return above->region ? above : NULL;
}

static const void *find_neighbour_region(const struct row *row)
{
	return ((const struct neighbour *)row->data)->region;
}

static const void *find_block(const struct row *row)
{
	return row_of(row->data)->lookup->block;
}

static void put_arena(struct json *json, const struct column *column, const struct row *row)
{
	const struct block_lookup *block = row->data;

	if (block->arena_kind == ARENA_OF_THREADS)
		json_address(json, column->key, block->arena);
	else
		json_word(json, column->key, block->arena_kind == ARENA_MAIN ? "main" : "mmap");
}

static void put_class(struct json *json, const struct column *column, const struct row *row)
{
	json_word(json, column->key, ((const struct block_lookup *)row->data)->class_name);
}

/* Contents may be secret: the key is there only if they were asked for. */
static void put_contents(struct json *json, const struct column *column, const struct row *row)
{
	const struct block_lookup *block = row->data;

	if (!row->view->shows_contents)
		return;
	if (block->n_contents > 0)
		json_hex(json, column->key, block->contents, block->n_contents);
	else
		json_null(json, column->key);
}

static const struct column block_columns[] = {
	{ NULL, CELL_ADDRESS, .key = "start", .field = FIELD(struct block_lookup, start) },
	{ NULL, CELL_SIZE, .key = "size", .field = FIELD(struct block_lookup, size) },
	{ NULL, CELL_OFFSET, .key = "offset", .field = FIELD(struct block_lookup, offset) },
	{ NULL, CELL_WORD, .key = "state", .field = FIELD(struct block_lookup, state),
	  .words = block_state_names },
	{ NULL, CELL_WORD, .key = "arena", .put = put_arena },
	{ NULL, CELL_WORD, .key = "class", .put = put_class },
	{ NULL, CELL_BYTES, .key = "contents", .put = put_contents },
	{ 0 },
};

static const struct record block_record = { block_columns, "start,size,offset,state,arena,class,contents" };

static const struct column neighbour_columns[] = {
	{ NULL, CELL_SIZE, .key = "distance", .field = FIELD(struct neighbour, distance) },
	{ .key = "region", .record = &region_record, .part = find_neighbour_region },
	{ 0 },
};

static const struct record neighbour_record = { neighbour_columns, "distance,region" };

/* ---- the table ---- */

static const struct column at_columns[] = {
	{ "QUERY", CELL_NAME, .key = "query", .field = FIELD_BEHIND(struct at_row, lookup, query),
	  .help = "what was asked for" },
	{ "ADDRESS", CELL_ADDRESS, .key = "address", .field = FIELD_BEHIND(struct at_row, lookup, addr),
	  .help = "the address that it stands for" },
	{ "START", CELL_ADDRESS, .field = FIELD_BEHIND(struct at_row, region, start),
	  .help = "first address of the region that holds it" },
	{ "END", CELL_ADDRESS, .field = FIELD_BEHIND(struct at_row, region, end),
	  .help = "address after the last one of the region" },
	{ "SIZE", CELL_SIZE, .get = get_of_region, .help = "bytes of the region" },
	{ "PERMS", CELL_WORD, .get = get_of_region, .help = "access to it" },
	{ "KIND", CELL_WORD, .get = get_of_region, .help = "what the region is: see the kinds" },
	{ "BASIS", CELL_WORD, .needs = NEED_LARGE_BLOCKS, .get = get_of_region, .help = "how KIND is known" },
	{ "NAME", CELL_NAME, .get = get_of_region, .help = "file or label of the mapping" },
	{ "TID", CELL_NUMBER, .needs = NEED_ARENA_USERS, .get = get_of_region,
	  .help = "thread whose stack or arena it is" },
	{ "MODULE", CELL_NAME, .get = get_of_region, .help = "ELF module that it belongs to" },
	{ "BUILDID", CELL_BYTES, .get = get_of_region, .help = "build-id of the module" },
	{ "FILE", CELL_WORD, .needs = NEED_FILE_STATE, .get = get_of_region,
	  .help = "what has become of the file" },
	{ "SECTION", CELL_NAME, .key = "section", .field = FIELD_BEHIND(struct at_row, lookup, section),
	  .help = "ELF section" },
	{ "SYMBOL", CELL_NAME, .field = FIELD(struct at_row, symbol),
	  .help = "symbol that covers it, and the offset in it" },
	{ "SYMBOLSIZE", CELL_SIZE, .get = get_symbol_size, .help = "bytes of the symbol" },
	{ "ELFADDRESS", CELL_ADDRESS, .key = "elf_address", .get = get_elf_address,
	  .help = "the address in the module's file, as nm and objdump show it" },
	{ "OFFSET", CELL_OFFSET, .key = "file_offset",
	  .field = FIELD_BEHIND(struct at_row, lookup, file_offset), .help = "offset in the mapped file" },
	{ "PAGE", CELL_WORD, .field = FIELD(struct at_row, page), .help = "state of the page that holds it" },
	{ "BLOCK", CELL_NAME, .field = FIELD(struct at_row, block),
	  .help = "block of malloc that holds it: use, size, place, class" },
	{ "CONTENTS", CELL_BYTES, .get = get_contents,
	  .help = "with --contents, the first bytes of the block" },
	{ "TEXT", CELL_NAME, .field = FIELD(struct at_row, text),
	  .help = "the same as text, with a dot for what is not printable ASCII" },
	{ "BELOW", CELL_NAME, .field = FIELD(struct at_row, below),
	  .help = "where nothing is mapped: what ends below, and where" },
	{ "ABOVE", CELL_NAME, .field = FIELD(struct at_row, above), .help = "likewise what begins above" },
	TARGET_COLUMNS,
	{ .key = "region", .record = &region_record, .part = find_region },
	{ .key = "symbol", .record = &symbol_record, .part = find_symbol },
	{ .key = "page", .record = &page_record, .part = find_page },
	{ .key = "block", .record = &block_record, .part = find_block },
	{ .key = "below", .record = &neighbour_record, .part = find_below },
	{ .key = "above", .record = &neighbour_record, .part = find_above },
	{ 0 },
};

static const struct record at_record = {
	at_columns,
	"query,address,region,section,symbol,elf_address,file_offset,page,block,below,above",
};

/* ---- rows ---- */

static char *describe_symbol(const struct view *view, const struct lookup *lookup, const char *demangled)
{
	const char *name = view->demangles && demangled ? demangled : lookup->symbol;

	if (!name)
		return NULL;
	if (lookup->symbol_offset == 0)
		return mem_format("%s", name);
	return mem_format("%s+0x%llx", name, (unsigned long long)lookup->symbol_offset);
}

static const char *when(uint8_t answer, const char *yes, const char *no)
{
	return answer == ANSWER_UNKNOWN ? "" : answer == ANSWER_YES ? yes : no;
}

static char *describe_page(const struct at_row *row)
{
	const struct page_run *page = &row->lookup->page;

	if (!row->region)
		return row->lookup->addr == UNKNOWN ? NULL : mem_format("nothing is mapped there");
	if (!row->lookup->has_page)
		return NULL;
	return mem_format("%s%s%s%s",
			  page_state_names[page->state] ? page_state_names[page->state] :
							  "untouched, or swapped with shared memory",
			  when(page->is_huge, ", huge", ""), when(page->is_shared, ", shared", ", private"),
			  when(page->is_dirty, ", dirty", ", clean"));
}

static char *describe_block(const struct block_lookup *block)
{
	_cleanup_free_ char *arena = NULL;
	_cleanup_free_ char *offset = NULL;
	char size[OUT_SHORT];

	if (!block)
		return NULL;
	arena = block->arena_kind == ARENA_MAPPED ? mem_format("with a mapping of its own") :
		block->arena_kind == ARENA_MAIN	  ? mem_format("in the main arena") :
						    mem_format("in arena %" PRIx64, block->arena);
	offset = block->offset == UNKNOWN ? mem_format("its header") :
					    mem_format("+0x%" PRIx64, block->offset);
	return mem_format("%" PRIx64 " %s, %.*s %s, %s%s%s", block->start, offset,
			  (int)text_size(size, block->size), size, block_state_names[block->state], arena,
			  block->class_name ? ", " : "", block->class_name ? block->class_name : "");
}

static char *describe_contents(const struct view *view, const struct block_lookup *block)
{
	char *text;

	if (!view->shows_contents || !block || block->n_contents == 0)
		return NULL;
	text = mem_copy(block->contents, block->n_contents);
	for (size_t i = 0; i < block->n_contents; i++)
		if (text[i] < ' ' || text[i] > '~')
			text[i] = '.';
	return text;
}

static char *describe_region(const struct space *space, const struct region *region)
{
	const struct object *object = region_name(space, region);
	const char *name = object ? object->name : NULL;

	return mem_format("%llx-%llx %s%s%s", (unsigned long long)region->start,
			  (unsigned long long)region->end, kinds[region->kind].name, name ? " " : "",
			  name ? name : "");
}

/* Exact if the distance is so small that it may show what went wrong; otherwise rounded. */
static char *describe_distance(uint64_t bytes, const char *where, char *region)
{
	char size[8];
	char *text = bytes >= EXACT_MAX ?
			     mem_format("%.*s %s %s", (int)text_size(size, bytes), size, where, region) :
		     bytes == 0 ? mem_format("right %s %s", where, region) :
				  mem_format("%llu byte%s %s %s", (unsigned long long)bytes,
					     bytes == 1 ? "" : "s", where, region);

	free(region);
	return text;
}

/* The byte right after the end of a region has distance 0 from it. */
static void find_neighbours(const struct space *space, struct at_row *row)
{
	uint64_t addr = row->lookup->addr;
	size_t next = judgement_next_region(&space->judgement, addr);

	if (next > 0) {
		const struct region *region = &space->judgement.regions[next - 1];

		row->next[BELOW] = (struct neighbour){ region, addr - region->end };
		row->below = describe_distance(addr - region->end, "above the end of",
					       describe_region(space, region));
	}
	if (next < space->judgement.n_regions) {
		const struct region *region = &space->judgement.regions[next];

		row->next[ABOVE] = (struct neighbour){ region, region->start - addr };
		row->above = describe_distance(region->start - addr, "below the start of",
					       describe_region(space, region));
	}
}

static void collect(const struct view *view, struct rows *rows)
{
	const struct space *space = view_space(view);
	struct at_row *records = mem_alloc(space->answers.n_lookups * sizeof(*records));

	for (size_t i = 0; i < space->answers.n_lookups; i++) {
		const struct lookup *lookup = &space->answers.lookups[i];
		struct at_row *row = &records[i];

		row->lookup = lookup;
		row->region = lookup->region == NO_REGION ? NULL : &space->judgement.regions[lookup->region];
		row->demangled = rows_keep(rows, lookup->symbol ? demangle(lookup->symbol) : NULL);
		row->symbol = rows_keep(rows, describe_symbol(view, lookup, row->demangled));
		row->page = rows_keep(rows, describe_page(row));
		row->block = rows_keep(rows, describe_block(lookup->block));
		row->text = rows_keep(rows, describe_contents(view, lookup->block));
		if (!row->region && lookup->addr != UNKNOWN)
			find_neighbours(space, row);
		rows_keep(rows, row->below);
		rows_keep(rows, row->above);
	}
	rows_set(rows, records, sizeof(*records), space->answers.n_lookups, records);
}

static char *explanation(const struct row *row)
{
	const struct region *region = row_of(row->data)->region;

	return region ? explain(row->space, region) : NULL;
}

const struct view_info view_at = {
	.option = "--at",
	.identity = "QUERY,ADDRESS",
	.columns = at_columns,
	.usual =
		"QUERY,ADDRESS,START,END,SIZE,PERMS,KIND,BASIS,NAME,TID,BUILDID,FILE,SECTION,SYMBOL,SYMBOLSIZE,ELFADDRESS,"
		"OFFSET,PAGE,BLOCK,BELOW,ABOVE",
	.contents = "CONTENTS,TEXT",
	.needs = NEED_LOOKUPS | NEED_SECTIONS | NEED_VDSO | NEED_BUILD_ID,
	.is_record = true,
	.has_symbols = true,
	.not_regions = true,
	.collect = collect,
	.explanation = explanation,
	.record = &at_record,
	.array = "at",
	.json_parts = JSON_MODULES,
};
