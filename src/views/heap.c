/* SPDX-License-Identifier: MIT */
/* One row per arena of malloc, one for the blocks that have their own mappings, and one for the sum. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "output/render_arenas.h"
#include "output/render_json.h"
#include "views/format.h"
#include "views/rows.h"
#include "views/views.h"

#define TIDS_SHOWN 4

/* ---- the verdict ---- */

/*
 * How much of the memory in use is resident, at least. Cached blocks are taken for resident: they
 * are small, and were in use not long ago.
 */
static uint64_t used_resident(const struct heap_arena *total)
{
	uint64_t others = known_or_zero(total->returnable) + known_or_zero(total->pinned) +
			  known_or_zero(total->spare) + total->cached + total->unwalked;

	return MIN(total->used, total->resident - MIN(total->resident, others));
}

/* Says what most of the memory is; figures of one moment show no more. NULL: nothing is most of it. */
static const char *judge(const struct heap_arena *total)
{
	bool has_pages = total->resident != UNKNOWN;
	uint64_t most = (has_pages ? total->resident : total->system) / 2;

	if ((has_pages ? used_resident(total) : total->used) > most)
		return "Most of it is in use: if that keeps growing, it may be a leak.";
	if (!has_pages && total->free + total->top > most)
		return "Most of it is free: whether malloc keeps it or it is fragmented is not known, since it is "
		       "not known which pages were in memory.";
	if (has_pages && known_or_zero(total->pinned) > most)
		return "Most of it was freed, but lies scattered between blocks in use: the heap is fragmented.";
	if (has_pages && known_or_zero(total->returnable) + known_or_zero(total->spare) > most)
		return "Most of it was freed, and malloc keeps it: it is not leaked.";
	return NULL;
}

/* How much is in use and, if more than 1 % of that is not in memory, how much of it is. */
static char *describe_used(const struct heap_arena *total, bool is_exact)
{
	_cleanup_free_ char *used = format_size(total->used, is_exact);
	_cleanup_free_ char *blocks = format_count(total->blocks);
	_cleanup_free_ char *resident = NULL;

	if (total->resident == UNKNOWN || total->unwalked > 0 ||
	    total->used - used_resident(total) <= total->used / 100)
		return mem_format("%s in use in %s blocks", used, blocks);
	resident = format_size(used_resident(total), is_exact);
	return mem_format("%s in use in %s blocks (%s of it in memory)", used, blocks, resident);
}

static char *describe_pages(const struct heap_arena *total, bool is_exact)
{
	_cleanup_free_ char *resident = format_size(total->resident, is_exact);
	_cleanup_free_ char *used = describe_used(total, is_exact);
	_cleanup_free_ char *returnable = format_size(total->returnable, is_exact);
	_cleanup_free_ char *pinned = format_size(total->pinned, is_exact);
	_cleanup_free_ char *spare = format_size(known_or_zero(total->spare), is_exact);

	return mem_format("%s resident: %s, %s malloc_trim(3) would return, %s free but pinned%s%s%s",
			  resident, used, returnable, pinned, known_or_zero(total->spare) > 0 ? ", " : "",
			  known_or_zero(total->spare) > 0 ? spare : "",
			  known_or_zero(total->spare) > 0 ? " free at the end of threads' arenas" : "");
}

static char *describe_blocks(const struct heap_arena *total, bool is_exact)
{
	_cleanup_free_ char *system = format_size(total->system, is_exact);
	_cleanup_free_ char *used = describe_used(total, is_exact);
	_cleanup_free_ char *free_between = format_size(total->free, is_exact);
	_cleanup_free_ char *top = format_size(total->top, is_exact);
	_cleanup_free_ char *cached = format_size(total->cached, is_exact);

	return mem_format("%s: %s, %s free between them, %s free at the end, %s cached", system, used,
			  free_between, top, cached);
}

/* What is in use, what is free but kept, and what most of the heap is. NULL: no heap is known. */
static char *verdict(const struct heap *heap, bool is_exact)
{
	const struct heap_arena *total = &heap->total;
	_cleanup_free_ char *figures = NULL;
	_cleanup_free_ char *unwalked = NULL;
	const char *most;

	if (heap->is_missing)
		return NULL;
	figures = total->resident != UNKNOWN ? describe_pages(total, is_exact) :
					       describe_blocks(total, is_exact);
	unwalked = format_size(total->unwalked, is_exact);
	most = judge(total);
	return mem_format("%s%s%s%s.%s%s", figures, total->unwalked > 0 ? "; " : "",
			  total->unwalked > 0 ? unwalked : "",
			  total->unwalked > 0 ? " could not be read" : "", most ? " " : "", most ? most : "");
}

/* ---- columns ---- */

static const struct heap_arena *arena_of(const struct row *row)
{
	return ((const struct arena_row *)row->data)->arena;
}

/* Arenas of threads by address; the others by their names in tables. */
static void put_arena(struct json *json, const struct column *column, const struct row *row)
{
	const struct heap_arena *arena = arena_of(row);

	if (arena->kind == ARENA_OF_THREADS)
		json_address(json, column->key, arena->address);
	else
		json_word(json, column->key, ((const struct arena_row *)row->data)->name);
}

static void put_tids(struct json *json, const struct column *column, const struct row *row)
{
	const struct heap_arena *arena = arena_of(row);

	if (!arena->tids) {
		json_null(json, column->key);
		return;
	}
	json_open_array(json, column->key, true);
	for (size_t i = 0; i < arena->n_tids; i++)
		json_number(json, NULL, (uint64_t)arena->tids[i]);
	json_close_array(json);
}

#define ARENA_FIELD(member) .field = FIELD_BEHIND(struct arena_row, arena, member)

static const struct column heap_columns[] = {
	{ "ARENA", CELL_WORD, .key = "arena", .field = FIELD(struct arena_row, name), .put = put_arena,
	  .help = "main, the address of another one, or mmap: blocks so large that each has its own mapping" },
	{ "TIDS", CELL_WORD, .yields = 4, .shrinks = true, .keeps_start = true, .key = "tids",
	  .field = FIELD(struct arena_row, tids), .put = put_tids, .help = "threads that use it" },
	{ "HEAPS", CELL_NUMBER, .yields = 5, .key = "heaps", ARENA_FIELD(heaps),
	  .help = "separate address ranges that its memory is in" },
	{ "SYSTEM", CELL_SIZE, .key = "system", ARENA_FIELD(system),
	  .help = "all its memory, resident or not: USED + CACHED + FREE + TOP, unless WALKED is below 100" },
	{ "USED", CELL_SIZE, .key = "used", ARENA_FIELD(used),
	  .help = "bytes in use, with malloc's headers and tables" },
	{ "BLOCKS", CELL_NUMBER, .key = "blocks", ARENA_FIELD(blocks), .help = "blocks in use" },
	{ "CACHED", CELL_SIZE, .yields = 3, .key = "cached", ARENA_FIELD(cached),
	  .help = "freed, and set aside for the next block of that size (tcache, fastbins)" },
	{ "FREE", CELL_SIZE, .key = "free", ARENA_FIELD(free),
	  .help = "freed, between other blocks, for blocks of any size" },
	{ "TOP", CELL_SIZE, .yields = 2, .key = "top", ARENA_FIELD(top), .help = "free at the end" },
	{ "RESIDENT", CELL_SIZE, .key = "resident", ARENA_FIELD(resident), .help = "in memory" },
	{ "RETURNABLE", CELL_SIZE, .key = "returnable", ARENA_FIELD(returnable),
	  .help = "in memory, and malloc_trim(3) would give it back" },
	{ "PINNED", CELL_SIZE, .key = "pinned", ARENA_FIELD(pinned),
	  .help = "in memory and free, but kept: its pages have other blocks as well" },
	{ "SPARE", CELL_SIZE, .yields = 6, .key = "spare", ARENA_FIELD(spare),
	  .help = "in memory and free at the end of a thread's arena: kept for its next blocks" },
	{ "WALKED", CELL_NUMBER, .yields = 1, .key = "walked", ARENA_FIELD(walked),
	  .help = "percent of SYSTEM that was read, block by block; what the rest holds is not known" },
	TARGET_COLUMNS,
	{ 0 },
};

static const struct record heap_record = {
	heap_columns,
	"arena,tids,heaps,system,used,blocks,cached,free,top,resident,returnable,pinned,spare,walked",
};

/* ---- rows ---- */

static char *describe_tids(const struct heap_arena *arena)
{
	char *text = NULL;

	for (size_t i = 0; i < arena->n_tids && i <= TIDS_SHOWN; i++) {
		char *longer = i == TIDS_SHOWN ? mem_format("%s,...", text) :
						 mem_format("%s%s%d", text ? text : "", text ? "," : "",
							    arena->tids[i]);

		free(text);
		text = longer;
	}
	return text;
}

char *arena_name(const struct heap_arena *arena)
{
	if (arena->kind == ARENA_OF_THREADS)
		return mem_format("%" PRIx64, arena->address);
	return mem_format("%s", arena->kind == ARENA_MAIN ? "main" : "mmap");
}

static void collect(const struct view *view, struct rows *rows)
{
	const struct heap *heap = &view_space(view)->answers.heap;
	size_t n = heap->is_missing ? 0 : heap->n_arenas + 1;
	struct arena_row *lines = mem_array(n + 1, sizeof(*lines));

	for (size_t i = 0; i < n; i++) {
		const struct heap_arena *arena = i < heap->n_arenas ? &heap->arenas[i] : &heap->total;

		lines[i].arena = arena;
		lines[i].name = i < heap->n_arenas ? rows_keep(rows, arena_name(arena)) : "TOTAL";
		lines[i].tids = rows_keep(rows, describe_tids(arena));
	}
	rows_set(rows, lines, sizeof(*lines), n, lines);
	rows->n_sums = n > 0 ? 1 : 0;
	rows->is_unknown = heap->is_missing;
}

static void put_footer(struct out *out, const struct view *view, const struct layout *layout)
{
	_cleanup_free_ char *sentence = verdict(&view_space(view)->answers.heap, layout->style->bytes);

	put_sentence(out, sentence, layout->style->width);
}

static void put_json(struct json *json, const struct view *view)
{
	_cleanup_free_ char *sentence = verdict(&view_space(view)->answers.heap, false);

	json_word(json, "verdict", sentence);
}

#define VIEW_OF_ARENAS                                                                                    \
	.option = "--heap", .identity = "ARENA", .columns = heap_columns,                                 \
	.usual = "ARENA,TIDS,HEAPS,SYSTEM,USED,BLOCKS,CACHED,FREE,TOP,RESIDENT,RETURNABLE,PINNED,WALKED", \
	.needs = NEED_HEAP | NEED_ARENA_USERS | NEED_SECTIONS, .not_regions = true, .may_stop = true,     \
	.collect = collect, .put_footer = put_footer, .record = &heap_record, .array = "arenas",          \
	.put_json = put_json

/* The picture that --layout draws. */
static const struct view_info view_arena_bars = {
	VIEW_OF_ARENAS,
	.put_picture = render_arenas,
	.as_table = &view_heap,
};

const struct view_info view_heap = {
	VIEW_OF_ARENAS,
	.as_picture = &view_arena_bars,
	.as_changes = &view_heap_changes,
};
