/* SPDX-License-Identifier: MIT */
#include "heap/mmapped_blocks.h"

#include "heap/find_page.h"

#define FLAGS 7
#define IS_MAPPED 2
#define HAS_HUGE_PAGES 1

/*
 * M_MMAP_THRESHOLD is never less, unless a program lowers it. To look at thousands of small mappings would take as long as all
 * else that is done for them.
 */
#define SIZE_MIN ((uint64_t)128 << 10)

/* The header of what begins with its mapping stands so that what the program gets is aligned to 16 bytes. */
static uint64_t first_offset(size_t word_size)
{
	return 16 - 2 * word_size;
}

/*
 * How many bytes from the start of a mapping a block takes whose header, of two words, is `offset` bytes behind that start; 0:
 * there is no block. It fills whole pages, and the first word has the offset. Since glibc 2.43 the size leaves out as much as a
 * header takes, and the lowest bit of the offset marks huge pages.
 */
static uint64_t mapped_size(uint64_t offset, const uint64_t header[2], size_t word_size, uint64_t page_size,
			    uint64_t room)
{
	uint64_t size = (header[1] & ~(uint64_t)FLAGS) + offset;

	if ((header[1] & FLAGS) != IS_MAPPED || (header[0] & ~(uint64_t)HAS_HUGE_PAGES) != offset)
		return 0;
	if (size % page_size != 0)
		size += 2 * word_size;
	/* The kernel joins neighbours, and so several may be one mapping. */
	return size >= page_size && size % page_size == 0 && size <= room ? size : 0;
}

static uint64_t read_size(struct heap_memory *memory, uint64_t start, uint64_t offset, uint64_t room)
{
	uint64_t header[2];

	if (!heap_memory_peek(memory, start + offset, &header[0]) ||
	    !heap_memory_peek(memory, start + offset + memory->word_size, &header[1]))
		return 0;
	return mapped_size(offset, header, memory->word_size, memory->page_size, room);
}

/*
 * Of a block that memalign(3) has made, a second header is where the program wants it; the first one stays. Which power of two
 * it is aligned to is not known.
 */
static uint64_t find_aligned_header(struct heap_memory *memory, uint64_t start, uint64_t size)
{
	uint64_t header_size = 2 * memory->word_size;
	uint64_t first = first_offset(memory->word_size);
	uint64_t last = first;

	for (uint64_t alignment = 32; alignment < size; alignment *= 2) {
		uint64_t offset = page_ceil(start + 16, alignment) - header_size - start;

		if (offset != last && offset < size && read_size(memory, start, offset, size) == size)
			return offset;
		last = offset;
	}
	return first;
}

/* The block at the start of a mapping, or behind another one that is. */
static bool find_block(struct heap_memory *memory, uint64_t start, uint64_t end, struct heap_block *ret)
{
	uint64_t size = read_size(memory, start, first_offset(memory->word_size), end - start);

	if (size == 0)
		return false;
	*ret = (struct heap_block){
		.start = start + find_aligned_header(memory, start, size),
		.end = start + size,
		.state = BLOCK_USED,
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

/* A region that is looked through for blocks, from its start on. */
struct block_search {
	struct heap_memory *memory;
	uint64_t at, end;
	bool has_pages;
	struct page_set pages;
};

#define REST_MAX ((uint64_t)64 << 10) /* behind the last block, as the variables of the main thread are */

/* Data may look like a header, as two small numbers do. It is one where another one, or the region's end, follows. */
static bool is_followed(const struct block_search *search, uint64_t at)
{
	struct heap_memory *memory = search->memory;
	uint64_t rest = search->end - at;

	return rest <= REST_MAX || read_size(memory, at, first_offset(memory->word_size), rest) > 0;
}

static bool is_head(void *context, uint64_t addr, const unsigned char head[PAGE_HEAD])
{
	const struct block_search *search = context;
	size_t word_size = search->memory->word_size;
	uint64_t offset = first_offset(word_size);
	uint64_t header[2] = { heap_word(head + offset, word_size),
			       heap_word(head + offset + word_size, word_size) };
	uint64_t size = mapped_size(offset, header, word_size, search->memory->page_size, search->end - addr);

	return size >= SIZE_MIN && is_followed(search, addr + size);
}

/*
 * What somebody else has mapped below a block, as Python does, the kernel joins with it: then no block begins the
 * mapping. Sets `at` to where the one that is found begins, with what is before its header.
 */
static bool find_next(struct block_search *search, struct heap_block *ret)
{
	struct heap_memory *memory = search->memory;
	struct page_range range = { .start = search->at, .end = search->end };

	if (search->at >= search->end || find_block(memory, search->at, search->end, ret))
		return search->at < search->end;
	if (!search->has_pages)
		page_set_read(&search->pages, memory->source, &range, 1);
	search->has_pages = true;
	search->at = find_page(memory->source, &search->pages, memory->page_size, search->at, search->end,
			       is_head, search);
	return search->at != UNKNOWN && find_block(memory, search->at, search->end, ret);
}

bool find_mapped_block(struct heap_memory *memory, const struct space *space, uint32_t region, uint64_t addr,
		       struct heap_block *ret)
{
	const struct region *whole = &space->judgement.regions[region];
	struct block_search search = { .memory = memory, .at = whole->start, .end = whole->end };
	bool is_found = false;

	while (!is_found && is_candidate(space, whole) && find_next(&search, ret) && ret->start <= addr) {
		is_found = addr < ret->end;
		search.at = ret->end;
	}
	page_set_done(&search.pages);
	return is_found;
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

static void read_region(struct heap_memory *memory, const struct region *region, struct heap_arena *arena,
			take_block_fn *take, void *context)
{
	struct block_search search = { .memory = memory, .at = region->start, .end = region->end };
	struct heap_block block;

	while (find_next(&search, &block)) {
		arena->used += block.end - search.at;
		arena->blocks++;
		arena->heaps++;
		add_resident(memory, arena, search.at, block.end);
		take(context, &block);
		search.at = block.end;
	}
	page_set_done(&search.pages);
}

void read_mapped_blocks(struct heap_memory *memory, const struct space *space, struct heap_arena *arena,
			take_block_fn *take, void *context)
{
	for (size_t i = 0; i < space->judgement.n_regions; i++)
		if (is_candidate(space, &space->judgement.regions[i]))
			read_region(memory, &space->judgement.regions[i], arena, take, context);
	if (arena->resident == UNKNOWN)
		arena->returnable = arena->pinned = arena->spare = UNKNOWN;
}

/* ---- the map ---- */

struct candidates {
	struct source *source;
	struct facts *facts;
	struct mapping *mappings[PARTS_MAX];
	size_t n;
};

static bool begins_with_block(const struct facts *facts, const struct mapping *m,
			      const unsigned char first[16])
{
	uint64_t offset = first_offset(facts->word_size);
	uint64_t header[2] = { heap_word(first + offset, facts->word_size),
			       heap_word(first + offset + facts->word_size, facts->word_size) };

	return mapped_size(offset, header, facts->word_size, facts->page_size, m->end - m->start) > 0;
}

/* Those that have their first page in memory. */
static void look_at(struct candidates *candidates)
{
	struct memory_part parts[PARTS_MAX];
	unsigned char bytes[PARTS_MAX][16];
	struct mapping *present[PARTS_MAX];
	uint64_t addrs[PARTS_MAX];
	bool is_present[PARTS_MAX];
	size_t n = 0;
	size_t n_read;

	for (size_t i = 0; i < candidates->n; i++)
		addrs[i] = candidates->mappings[i]->start;
	source_find_present(candidates->source, addrs, candidates->n, is_present);
	for (size_t i = 0; i < candidates->n; i++) {
		if (!is_present[i])
			continue;
		present[n] = candidates->mappings[i];
		parts[n] = (struct memory_part){ addrs[i], bytes[n], sizeof(bytes[n]) };
		n++;
	}
	n_read = n > 0 ? source_read_parts(candidates->source, parts, n) : 0;
	for (size_t i = 0; i < n; i++)
		present[i]->begins_with_block =
			(i < n_read || source_read_memory(candidates->source, parts[i].addr, bytes[i],
							  sizeof(bytes[i])) == sizeof(bytes[i])) &&
			begins_with_block(candidates->facts, present[i], bytes[i]);
	candidates->n = 0;
}

void find_large_blocks(struct source *source, struct facts *facts)
{
	struct candidates candidates = { .source = source, .facts = facts };

	if (facts->word_size == 0)
		return;
	for (size_t i = 0; i < facts->n_mappings; i++) {
		struct mapping *m = &facts->mappings[i];

		if (m->end - m->start < SIZE_MIN || !is_nameless(facts, m) ||
		    (m->perms & (PERM_R | PERM_W | PERM_X)) != (PERM_R | PERM_W))
			continue;
		candidates.mappings[candidates.n++] = m;
		if (candidates.n == PARTS_MAX)
			look_at(&candidates);
	}
	if (candidates.n > 0)
		look_at(&candidates);
}
