/* SPDX-License-Identifier: MIT */
#include "heap/mmapped_blocks.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "heap/choose_blocks.h"
#include "heap/find_page.h"
#include "heap/mmapped_header.h"

static bool read_header(struct heap_memory *memory, uint64_t addr, uint64_t ret[2])
{
	return heap_memory_peek(memory, addr, &ret[0]) &&
	       heap_memory_peek(memory, addr + memory->word_size, &ret[1]);
}

static uint64_t read_size(struct heap_memory *memory, uint64_t start, uint64_t offset, uint64_t room)
{
	uint64_t header[2];

	if (!read_header(memory, start + offset, header))
		return 0;
	return mmapped_size(offset, header, memory->word_size, memory->page_size, room);
}

/*
 * A block that memalign(3) has made has a second header right before the aligned user data; the
 * first one stays. The alignment, a power of two, is not known.
 */
static uint64_t find_aligned_header(struct heap_memory *memory, uint64_t start, uint64_t size)
{
	uint64_t header_size = 2 * memory->word_size;
	uint64_t first = mmapped_first_offset(memory->word_size);
	uint64_t last = first;

	for (uint64_t alignment = 32; alignment < size; alignment *= 2) {
		uint64_t offset = page_ceil(start + 16, alignment) - header_size - start;

		if (offset != last && offset < size && read_size(memory, start, offset, size) == size)
			return offset;
		last = offset;
	}
	return first;
}

/* The block whose memory begins at `start`. */
static bool find_block(struct heap_memory *memory, uint64_t start, uint64_t end, struct possible_block *ret)
{
	uint64_t size =
		start < end ? read_size(memory, start, mmapped_first_offset(memory->word_size), end - start) :
			      0;

	if (size == 0)
		return false;
	*ret = (struct possible_block){
		.start = start,
		.end = start + size,
		.header = start + find_aligned_header(memory, start, size),
	};
	return true;
}

static bool is_candidate(const struct space *space, const struct region *region)
{
	const struct mapping *m = &space->facts.mappings[region->mapping];

	return region->kind == KIND_ANON && is_anonymous(&space->facts, m) &&
	       (m->perms & (PERM_R | PERM_W)) == (PERM_R | PERM_W) &&
	       region->start % space->facts.page_size == 0;
}

/* ---- possible blocks ---- */

/* Each way takes longer than the one before. */
enum search_way {
	WAY_STARTS, /* where mappings begin, and after each block found there */
	WAY_PAGES,  /* then also at each page that is in no block found before */
	WAY_NESTED, /* then at each page, for blocks of any size: those found before may not be blocks */
	N_WAYS,
};

struct possible_blocks {
	struct possible_block *items; /* sorted by start */
	size_t n, cap;
};

/* A region that is searched for blocks, from `at` on. */
struct block_search {
	struct heap_memory *memory;
	uint64_t at, end;
	bool is_nested; /* blocks of any size, at any page */
};

#define REST_MAX ((uint64_t)64 << 10) /* memory after the last block, such as the main thread's variables */

/*
 * Data may look like a header, as two small numbers do. A real block is followed by another one, or
 * ends at most REST_MAX bytes before the region's end.
 */
static bool is_followed(const struct block_search *search, uint64_t at)
{
	struct heap_memory *memory = search->memory;
	uint64_t rest = search->end - at;

	return rest <= REST_MAX || read_size(memory, at, mmapped_first_offset(memory->word_size), rest) > 0;
}

static void add_block(struct possible_blocks *blocks, const struct possible_block *block, bool begins_mapping)
{
	mem_grow(blocks->items, blocks->n, blocks->cap);
	blocks->items[blocks->n] = *block;
	blocks->items[blocks->n++].begins_mapping = begins_mapping;
}

static bool is_head(void *context, uint64_t addr, const unsigned char head[PAGE_HEAD])
{
	const struct block_search *search = context;
	size_t word_size = search->memory->word_size;
	uint64_t offset = mmapped_first_offset(word_size);
	uint64_t header[2] = { heap_word(head + offset, word_size),
			       heap_word(head + offset + word_size, word_size) };
	uint64_t size =
		mmapped_size(offset, header, word_size, search->memory->page_size, search->end - addr);

	return search->is_nested ? size > 0 : size >= MMAPPED_SIZE_MIN && is_followed(search, addr + size);
}

/*
 * The kernel merges a block with what other code has mapped right below it, as Python does: then no
 * block begins the mapping.
 */
static void search_pages(struct block_search *search, enum search_way way, struct possible_blocks *blocks)
{
	struct heap_memory *memory = search->memory;
	struct page_set pages;

	if (search->at >= search->end)
		return;
	page_set_read_range(&pages, memory->source, memory->facts, search->at, search->end);
	while (way != WAY_NESTED || blocks->n <= CHOICE_MAX) {
		struct possible_block block;
		bool is_block = way == WAY_PAGES && find_block(memory, search->at, search->end, &block);

		if (!is_block) {
			search->at = find_page(memory->source, &pages, memory->page_size, search->at,
					       search->end, is_head, search);
			if (search->at == UNKNOWN)
				break;
			is_block = find_block(memory, search->at, search->end, &block);
		}
		if (is_block)
			add_block(blocks, &block, false);
		search->at = is_block && way == WAY_PAGES ? block.end : search->at + memory->page_size;
	}
	page_set_done(&pages);
}

static void search_region(struct heap_memory *memory, const struct region *region, enum search_way way,
			  struct possible_blocks *blocks)
{
	struct block_search search = {
		.memory = memory,
		.at = region->start,
		.end = region->end,
		.is_nested = way == WAY_NESTED,
	};
	struct possible_block block;

	while (find_block(memory, search.at, search.end, &block)) {
		add_block(blocks, &block, true);
		search.at = block.end;
	}
	if (way != WAY_STARTS)
		search_pages(&search, way, blocks);
}

static void search_all(struct heap_memory *memory, const struct space *space, enum search_way way,
		       struct possible_blocks *blocks)
{
	blocks->n = 0;
	for (size_t i = 0; i < space->judgement.n_regions; i++)
		if (is_candidate(space, &space->judgement.regions[i]))
			search_region(memory, &space->judgement.regions[i], way, blocks);
}

/* ---- the real ones ---- */

static void choose_all(struct possible_blocks *blocks, struct malloc_count *ret)
{
	*ret = (struct malloc_count){ .blocks = blocks->n };
	for (size_t i = 0; i < blocks->n; i++) {
		blocks->items[i].is_chosen = true;
		ret->bytes += blocks->items[i].end - blocks->items[i].start;
	}
}

static bool leaves_header_out(struct heap_memory *memory, const struct possible_block *block)
{
	uint64_t offset = mmapped_first_offset(memory->word_size);
	uint64_t header[2];

	return read_header(memory, block->start + offset, header) &&
	       mmapped_leaves_header_out(offset, header, memory->page_size);
}

/*
 * glibc 2.43 counts a few bytes too many whenever realloc(3) resizes a mapping: after hundreds of
 * times, whole pages. The number of blocks is still right.
 */
static bool find_resized(struct heap_memory *memory, const struct space *space, struct malloc_count *counted,
			 struct possible_blocks *blocks)
{
	for (unsigned way = WAY_STARTS; way < WAY_NESTED; way++) {
		struct malloc_count found;
		size_t n = 0;

		search_all(memory, space, way, blocks);
		choose_all(blocks, &found);
		while (n < blocks->n && leaves_header_out(memory, &blocks->items[n]))
			n++;
		if (n < blocks->n)
			return false;
		if (n == counted->blocks && found.bytes < counted->bytes) {
			counted->bytes = found.bytes;
			return true;
		}
	}
	return false;
}

/* Whether some blocks agree with malloc's counters; these are then chosen. */
static bool find_counted(struct heap_memory *memory, const struct space *space, struct malloc_count *counted,
			 struct possible_blocks *blocks)
{
	if (counted->blocks == 0) {
		blocks->n = 0;
		return true;
	}
	for (unsigned way = WAY_STARTS; way < N_WAYS; way++) {
		struct malloc_count found;

		search_all(memory, space, way, blocks);
		choose_all(blocks, &found);
		if (found.blocks == counted->blocks && found.bytes == counted->bytes && way != WAY_NESTED)
			return true;
	}
	return choose_blocks(blocks->items, blocks->n, counted->blocks, counted->bytes) ||
	       find_resized(memory, space, counted, blocks);
}

/* Chooses the blocks that begin a mapping, if they are no more than malloc counts. */
static void find_some(struct heap_memory *memory, const struct space *space,
		      const struct malloc_count *counted, struct possible_blocks *blocks)
{
	struct malloc_count found;

	search_all(memory, space, WAY_STARTS, blocks);
	choose_all(blocks, &found);
	if (found.blocks > counted->blocks || found.bytes > counted->bytes)
		blocks->n = 0;
}

#define LOOKS 4

static bool is_same(const struct malloc_count *a, const struct malloc_count *b)
{
	return a->blocks == b->blocks && a->bytes == b->bytes;
}

static void note_some(struct notes *notes, const char *code, const struct possible_blocks *blocks,
		      const struct malloc_count *counted)
{
	notes_warn(notes, code,
		   "%zu of the %" PRIu64
		   " blocks with a mapping of their own were found, and the rest are not known",
		   blocks->n, counted->blocks);
}

/*
 * Finds the blocks. Sets *counted to malloc's counters, as find_resized() may correct them, or to
 * what was found if they are not known.
 */
static void find_blocks(struct heap_memory *memory, const struct space *space,
			const struct malloc_counters *tally, struct possible_blocks *blocks,
			struct malloc_count *counted, struct notes *notes)
{
	for (unsigned i = 0; i < LOOKS && malloc_counters_read(memory, tally, counted); i++) {
		struct malloc_count now;

		if (find_counted(memory, space, counted, blocks))
			return;
		if (malloc_counters_read(memory, tally, &now) && is_same(counted, &now)) {
			find_some(memory, space, counted, blocks);
			note_some(notes, "heap-unread", blocks, counted);
			return;
		}
		heap_memory_wait(memory, i);
		heap_memory_forget(memory);
	}
	if (malloc_counters_read(memory, tally, counted)) {
		find_some(memory, space, counted, blocks);
		note_some(notes, "heap-moving", blocks, counted);
		return;
	}
	search_all(memory, space, WAY_PAGES, blocks);
	choose_all(blocks, counted);
	notes_warn(
		notes, "heap-unread",
		"the number of malloc's blocks with a mapping of their own was not found: some may be missing");
}

static void add_resident(struct heap_memory *memory, struct heap_arena *arena, uint64_t start, uint64_t end)
{
	uint64_t bytes;

	if (arena->resident == UNKNOWN)
		return;
	heap_memory_cover(memory, start, end);
	bytes = heap_memory_resident(memory, start, end);
	arena->resident = heap_memory_knows_residence(memory) ? arena->resident + bytes : UNKNOWN;
}

void read_mapped_blocks(struct heap_memory *memory, const struct space *space,
			const struct malloc_counters *tally, struct heap_arena *arena, take_block_fn *take,
			void *context, struct notes *notes)
{
	struct possible_blocks blocks = { 0 };
	struct malloc_count counted;

	find_blocks(memory, space, tally, &blocks, &counted, notes);
	for (size_t i = 0; i < blocks.n; i++) {
		const struct possible_block *found = &blocks.items[i];
		struct heap_block block = { .start = found->header, .end = found->end, .state = BLOCK_USED };

		if (!found->is_chosen)
			continue;
		arena->used += found->end - found->start;
		arena->blocks++;
		add_resident(memory, arena, found->start, found->end);
		take(context, &block);
	}
	arena->heaps = arena->blocks;
	arena->system = MAX(counted.bytes, arena->used);
	arena->unwalked = arena->system - arena->used;
	arena->walked = heap_walked(arena);
	if (arena->resident == UNKNOWN)
		arena->returnable = arena->pinned = arena->spare = UNKNOWN;
	free(blocks.items);
}
