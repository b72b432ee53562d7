/* SPDX-License-Identifier: MIT */
#include "heap/mmapped_blocks.h"

#define FLAGS 7
#define IS_MAPPED 2
#define HAS_HUGE_PAGES 1

static uint64_t header_place(const struct heap_memory *memory)
{
	return 16 - 2 * memory->word_size;
}

/*
 * Where the block ends that begins with its mapping and fills whole pages; 0: there is none. Its header stands so
 * that what the program gets is aligned, and has how far it is from the mapping's start. Since glibc 2.43 the
 * header's size leaves out as much as a header takes, and the lowest bit of the distance marks huge pages.
 */
static uint64_t block_end(struct heap_memory *memory, uint64_t start, uint64_t end)
{
	uint64_t page_size = memory->page_size;
	uint64_t first = header_place(memory);
	uint64_t before;
	uint64_t header;
	uint64_t size;

	if (!heap_memory_peek(memory, start + first, &before) ||
	    !heap_memory_peek(memory, start + first + memory->word_size, &header) ||
	    (header & FLAGS) != IS_MAPPED)
		return 0;
	size = (header & ~(uint64_t)FLAGS) + first;
	if (size % page_size != 0)
		size += 2 * memory->word_size;
	/* The kernel joins neighbours, and so several may be one mapping. */
	if ((before & ~(uint64_t)HAS_HUGE_PAGES) != first || size < page_size || size % page_size != 0 ||
	    size > end - start)
		return 0;
	return start + size;
}

static bool is_candidate(const struct space *space, const struct region *region)
{
	const struct mapping *m = &space->facts.mappings[region->mapping];

	return region->kind == KIND_ANON && is_anonymous(&space->facts, m) &&
	       (m->perms & (PERM_R | PERM_W)) == (PERM_R | PERM_W) &&
	       region->start % space->facts.page_size == 0;
}

static struct heap_block block_of(const struct heap_memory *memory, uint64_t start, uint64_t end)
{
	return (struct heap_block){ .start = start + header_place(memory), .end = end, .state = BLOCK_USED };
}

bool find_mapped_block(struct heap_memory *memory, const struct space *space, uint32_t region, uint64_t addr,
		       struct heap_block *ret)
{
	const struct region *whole = &space->judgement.regions[region];
	uint64_t at = whole->start;
	uint64_t next;

	while (is_candidate(space, whole) && at < whole->end &&
	       (next = block_end(memory, at, whole->end)) != 0) {
		*ret = block_of(memory, at, next);
		if (addr >= ret->start && addr < ret->end)
			return true;
		at = next;
	}
	return false;
}

static void add_resident(struct heap_memory *memory, struct heap_arena *arena, uint64_t start, uint64_t end)
{
	uint64_t bytes;

	if (arena->resident == UNKNOWN)
		return;
	heap_memory_cover(memory, start, end);
	bytes = heap_memory_resident(memory, start, end);
	arena->resident = memory->has_residence ? arena->resident + bytes : UNKNOWN;
}

void read_mapped_blocks(struct heap_memory *memory, const struct space *space, struct heap_arena *arena,
			take_block_fn *take, void *context)
{
	for (size_t i = 0; i < space->judgement.n_regions; i++) {
		const struct region *region = &space->judgement.regions[i];
		uint64_t at = region->start;
		uint64_t next;

		if (!is_candidate(space, region))
			continue;
		while (at < region->end && (next = block_end(memory, at, region->end)) != 0) {
			struct heap_block block = block_of(memory, at, next);

			arena->used += next - at;
			arena->blocks++;
			arena->heaps++;
			add_resident(memory, arena, at, next);
			take(context, &block);
			at = next;
		}
	}
	if (arena->resident == UNKNOWN)
		arena->returnable = arena->pinned = UNKNOWN;
}
