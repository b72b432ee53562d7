/* SPDX-License-Identifier: MIT */
#include "inspect/lookup_blocks.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/range.h"
#include "heap/cpp_classes.h"
#include "heap/read_heap.h"

/*
 * The byte that was asked about, as a range one word below its address: the size word and the
 * contents of a block together lie one word above the range that the heap gives it.
 */
struct wanted {
	uint64_t start, end;
	struct lookup *lookup;
	bool is_found;
	struct heap_block block;
};

struct finder {
	struct wanted *items; /* by address */
	size_t n;
};

static void take_block(void *context, const struct heap_block *block)
{
	struct finder *finder = context;

	for (size_t i = range_find(finder->items, finder->n, sizeof(*finder->items), block->start);
	     i < finder->n && finder->items[i].start < block->end; i++) {
		finder->items[i].block = *block;
		finder->items[i].is_found = true;
	}
}

/* ---- what is known of a block ---- */

static char *find_class(struct classes *classes, const struct heap_block *block)
{
	uint64_t word_size = classes->memory.word_size;
	uint64_t words[2];
	bool is_array;
	uint32_t class;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!heap_memory_peek(&classes->memory, block->start + (2 + i) * word_size, &words[i]))
			return NULL;
	class = classes_of(classes, block, words, &is_array);
	return class == NO_CLASS ? NULL : mem_format("%s%s", classes->names[class], is_array ? "[]" : "");
}

static void set_block(struct classes *classes, const struct heap *heap, const struct wanted *wanted)
{
	const struct heap_block *block = &wanted->block;
	uint64_t start = block->start + 2 * classes->memory.word_size;
	uint64_t addr = wanted->lookup->addr;
	struct block_lookup *found = mem_alloc(sizeof(*found));
	bool is_cached = block->state == BLOCK_USED && heap_is_cached(heap, block->start);

	*found = (struct block_lookup){
		.start = start,
		.size = block->end - block->start,
		.offset = addr >= start ? addr - start : UNKNOWN,
		.state = (uint8_t)(is_cached ? BLOCK_CACHED : block->state),
		.arena_kind = ARENA_MAPPED,
	};
	if (block->arena < heap->n_arenas) {
		found->arena_kind = (uint8_t)heap->arenas[block->arena].kind;
		found->arena = heap->arenas[block->arena].address;
	}
	if (found->state == BLOCK_USED)
		found->class_name = find_class(classes, block);
	wanted->lookup->block = found;
}

/* ---- what blocks hold ---- */

/* The program's part of a block extends one word into the next block, if there is one. */
static void set_contents(struct heap_memory *memory, const struct heap_block *block,
			 struct block_lookup *found)
{
	uint64_t end = block->end + (found->arena_kind == ARENA_MAPPED ? 0 : memory->word_size);

	if (found->start < end)
		found->n_contents =
			(uint8_t)heap_memory_copy(memory, found->start, found->contents,
						  (size_t)MIN(end - found->start, BLOCK_CONTENTS_MAX));
}

static void read_contents(struct heap_memory *memory, struct finder *finder, struct notes *notes)
{
	size_t n_missing = 0;

	for (size_t i = 0; i < finder->n; i++) {
		struct wanted *wanted = &finder->items[i];

		if (!wanted->is_found)
			continue;
		set_contents(memory, &wanted->block, wanted->lookup->block);
		n_missing += wanted->lookup->block->n_contents == 0;
	}
	if (n_missing > 0)
		notes_warn(notes, "contents-missing",
			   "no contents of %zu block%s: their pages are not in memory, or could not be read",
			   n_missing, n_missing == 1 ? "" : "s");
}

/* ---- where blocks may be ---- */

/* Notes on unread memory matter only if a block was looked for in memory of that kind and not found. */
static void take_notes(const struct space *space, const struct finder *finder, enum kind kind,
		       const struct notes *own, struct notes *notes)
{
	bool is_missing = false;

	for (size_t i = 0; i < finder->n; i++)
		is_missing |= !finder->items[i].is_found &&
			      space->judgement.regions[finder->items[i].lookup->region].kind == kind;
	for (size_t i = 0; i < own->n && is_missing; i++)
		notes_restore(notes, own->items[i].code, own->items[i].text, own->items[i].is_warning);
}

/* Finds blocks that have a mapping of their own; this needs no walk of the heap. */
static void find_mapped(struct source *source, const struct space *space, struct finder *finder,
			struct heap *heap, struct notes *notes)
{
	struct notes own = { 0 };

	read_mapped_heap(source, space, take_block, finder, heap, &own);
	take_notes(space, finder, KIND_ANON, &own, notes);
	notes_done(&own);
}

static void find_walked(struct source *source, const struct space *space, struct finder *finder,
			struct heap *heap, struct notes *notes)
{
	struct notes own = { 0 };

	read_heap(source, space, take_block, finder, heap, &own);
	if (!heap->is_missing)
		take_notes(space, finder, KIND_HEAP, &own, notes);
	notes_done(&own);
}

/* Lists the lookups that may be in a block. Returns whether one of them is in a heap that must be walked. */
static bool find_wanted(const struct space *space, struct answers *answers, struct finder *finder)
{
	bool needs_walk = false;

	finder->items = mem_array(answers->n_lookups, sizeof(*finder->items));
	for (size_t i = 0; i < answers->n_lookups; i++) {
		struct lookup *lookup = &answers->lookups[i];
		unsigned kind =
			lookup->region == NO_REGION ? N_KINDS : space->judgement.regions[lookup->region].kind;
		uint64_t addr;

		if ((kind != KIND_HEAP && kind != KIND_ANON) || lookup->addr < space->facts.word_size)
			continue;
		needs_walk |= kind == KIND_HEAP;
		addr = lookup->addr - space->facts.word_size;
		finder->items[finder->n++] =
			(struct wanted){ .start = addr, .end = addr + 1, .lookup = lookup };
	}
	range_sort(finder->items, finder->n, sizeof(*finder->items));
	return needs_walk;
}

void read_lookup_blocks(struct source *source, const struct space *space, const struct request *request,
			struct answers *answers)
{
	struct finder finder = { 0 };
	struct heap heap = { 0 };
	struct classes classes;
	bool needs_walk;

	if (answers->n_lookups == 0 || space->facts.word_size == 0)
		return;
	needs_walk = find_wanted(space, answers, &finder);
	if (needs_walk)
		find_walked(source, space, &finder, &heap, &answers->notes);
	else if (finder.n > 0)
		find_mapped(source, space, &finder, &heap, &answers->notes);
	if (finder.n > 0) {
		classes_init(&classes, source, space, request->wants_debuginfod);
		for (size_t i = 0; i < finder.n; i++)
			if (finder.items[i].is_found)
				set_block(&classes, &heap, &finder.items[i]);
		if (request->wants_contents)
			read_contents(&classes.memory, &finder, &answers->notes);
		classes_note(&classes, &answers->notes);
		classes_done(&classes);
	}
	heap_done(&heap);
	free(finder.items);
}
