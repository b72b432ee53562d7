/* SPDX-License-Identifier: MIT */
/*
 * The input is a heap: a byte, odd for words of 32 bits; one page at DATA, the data of a C library, which is
 * searched for the main arena; and the contents of the heap at HEAP, followed by zeroes. The heap of a
 * thread's arena, at ARENA, has the same contents.
 */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "fuzz.h"
#include "heap/block_groups.h"
#include "heap/read_heap.h"
#include "heap/read_leaks.h"

#define PAGE 4096
#define DATA UINT64_C(0xf7000000)
#define HEAP UINT64_C(0x56000000)
#define HEAP_SIZE UINT64_C(0x21000)
#define ARENA UINT64_C(0xf0000000)
#define ARENA_SIZE UINT64_C(0x21000)

struct memory {
	struct source source;
	const uint8_t *data, *heap;
	size_t data_len, heap_len;
};

static ssize_t copy(const uint8_t *from, size_t from_len, uint64_t offset, uint8_t *buf, size_t len)
{
	memset(buf, 0, len);
	if (offset < from_len)
		memcpy(buf, from + offset, MIN(len, from_len - offset));
	return (ssize_t)len;
}

static ssize_t read_memory(struct source *source, uint64_t addr, void *buf, size_t len)
{
	const struct memory *memory = (const struct memory *)source;

	if (addr >= DATA && addr < DATA + PAGE)
		return copy(memory->data, memory->data_len, addr - DATA, buf, MIN(len, DATA + PAGE - addr));
	if (addr >= HEAP && addr < HEAP + HEAP_SIZE)
		return copy(memory->heap, memory->heap_len, addr - HEAP, buf,
			    MIN(len, HEAP + HEAP_SIZE - addr));
	if (addr >= ARENA && addr < ARENA + ARENA_SIZE)
		return copy(memory->heap, memory->heap_len, addr - ARENA, buf,
			    MIN(len, ARENA + ARENA_SIZE - addr));
	return -EIO;
}

static void add_mapping(struct facts *facts, uint64_t start, uint64_t end, const char *name)
{
	struct mapping mapping = { .start = start, .end = end, .perms = PERM_R | PERM_W };

	if (name)
		mapping.object = facts_object(facts, 0, 0, 0, name, strlen(name));
	facts_add_mapping(facts, &mapping);
}

static void add_region(struct space *space, enum kind kind)
{
	struct judgement *judgement = &space->judgement;
	uint32_t i = (uint32_t)judgement->n_regions;
	const struct mapping *m = &space->facts.mappings[i];

	mem_grow(judgement->regions, judgement->n_regions, judgement->cap_regions);
	judgement->regions[judgement->n_regions++] = (struct region){
		.start = m->start, .end = m->end, .mapping = i, .module = NO_MODULE, .kind = (uint8_t)kind
	};
}

static void make_space(struct space *space, size_t word_size)
{
	struct facts *facts = &space->facts;

	space_init(space);
	facts->page_size = PAGE;
	facts->word_size = word_size;
	add_mapping(facts, HEAP, HEAP + HEAP_SIZE, "[heap]");
	add_mapping(facts, ARENA, ARENA + ARENA_SIZE, NULL);
	add_mapping(facts, DATA, DATA + PAGE, "[data]");
	mem_grow(facts->heaps, facts->n_heaps, facts->cap_heaps);
	facts->heaps[facts->n_heaps++] = (struct arena_heap){ .start = ARENA,
							      .end = ARENA + ARENA_SIZE,
							      .arena = ARENA + (word_size == 8 ? 0x30 : 0x18),
							      .tid = NO_TID };
	add_region(space, KIND_HEAP);
	add_region(space, KIND_ANON);
	add_region(space, KIND_DATA);
}

struct last {
	uint64_t end;
	size_t n;
};

static void take_block(void *context, const struct heap_block *block)
{
	struct last *last = context;

	require(block->start < block->end && (unsigned)block->state < N_BLOCK_STATES);
	require((block->start >= HEAP && block->end <= HEAP + HEAP_SIZE + (UINT64_C(1) << 30)) ||
		block->start >= ARENA);
	last->n++;
	last->end = block->end;
}

static void require_arena(const struct heap_arena *arena)
{
	require(arena->used + arena->cached + arena->free + arena->top + arena->unwalked == arena->system);
	require(arena->walked <= 100 && (arena->walked == 100) == (arena->unwalked == 0));
}

/* A name is printable, whatever bytes it was made from. */
static void require_name(const char *name)
{
	for (size_t i = 0; name && name[i]; i++)
		require(name[i] >= ' ' && name[i] <= '~');
}

static void require_list(const struct block_list *list)
{
	uint64_t blocks = 0;
	uint64_t bytes = 0;

	for (size_t i = 0; i < list->n_groups; i++) {
		const struct block_group *group = &list->groups[i];

		require(group->size == UNKNOWN || group->bytes == group->blocks * group->size);
		require_name(group->class_name);
		blocks += group->blocks;
		bytes += group->bytes;
	}
	require(blocks == list->total.blocks && bytes == list->total.bytes);
}

/* Virtual tables and class names are in the data, behind the arena. */
static void group(struct source *source, struct space *space)
{
	struct block_list list = { 0 };
	struct heap heap;

	read_blocks(source, space, false, &heap, &list, &space->answers.notes);
	require_list(&list);
	for (size_t i = 1; i < list.n_groups; i++)
		require(block_group_compare(&list.groups[i - 1], &list.groups[i]) < 0);
	block_list_done(&list);
	heap_done(&heap);
}

/* Finds the blocks that nothing points to, in a heap that is held still. */
static void mark(struct source *source, struct space *space)
{
	struct leaks leaks;
	struct heap heap;

	source->is_held = true;
	read_leaks(source, space, false, &heap, &leaks, &space->answers.notes);
	require_list(&leaks.list);
	leaks_done(&leaks);
	heap_done(&heap);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct source_ops ops = { .read_memory = read_memory };
	struct memory memory = { .source = { .ops = &ops } };
	struct space space;
	struct heap heap;
	struct last last = { 0 };

	if (size == 0)
		return 0;
	memory.data = data + 1;
	memory.data_len = MIN(size - 1, PAGE);
	memory.heap = memory.data + memory.data_len;
	memory.heap_len = size - 1 - memory.data_len;
	make_space(&space, data[0] & 1 ? 4 : 8);
	read_heap(&memory.source, &space, take_block, &last, &heap, &space.answers.notes);
	for (size_t i = 0; i < heap.n_arenas; i++)
		require_arena(&heap.arenas[i]);
	for (size_t i = 1; i < heap.n_cached; i++)
		require(heap.cached[i - 1] < heap.cached[i]);
	heap_done(&heap);
	group(&memory.source, &space);
	mark(&memory.source, &space);
	space_done(&space);
	return 0;
}
