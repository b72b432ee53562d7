/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include "base/mem.h"
#include "heap/read_heap.h"
#include "heap/walk_blocks.h"
#include "memory.h"
#include "space.h"

#define DATA 0x402000 /* where the C library's variables are */
#define MAIN 0x402100
#define HEAP 0x600000 /* that of the main arena */
#define ROOM (UINT64_C(1) << 26)
#define OTHERS (16 * ROOM) /* where the heaps of other arenas are */
#define N_OTHERS 3
#define SIZE 0x1000 /* of each heap */
#define BINS 96	    /* where in a state they are */
#define NEXT (BINS + 2 * N_BINS * 8 + 16)
#define SYSTEM (NEXT + 24)
#define STATE_SIZE (SYSTEM + 16)

static struct memory memory;
static struct space space;
static struct heap heap;
static struct notes notes;
static const struct source_ops *ops_before;
static size_t n_read; /* times that the second arena was read */

static const struct file program = {
	.path = "/bin/a",
	.segments = { { 0x400000, 0, 0x1000, 0x1000, R_X }, { DATA, 0x2000, 0x1000, 0x1000, RW_ } },
};

static uint64_t other(size_t i)
{
	return OTHERS + i * ROOM + 32;
}

static void put(uint64_t addr, uint64_t value)
{
	memory_put(&memory, addr, 8, value);
}

/* One block in use, and then the top. */
static void put_heap(uint64_t state, uint64_t next, uint64_t first, uint64_t end)
{
	for (size_t i = 0; i < 2 * N_BINS; i++)
		put(state + BINS + 8 * i, state + BINS + 16 * (i / 2) - 16);
	put(state + BINS - 16, first + 64);
	put(state + NEXT, next);
	put(state + SYSTEM, SIZE);
	put(state + SYSTEM + 8, SIZE);
	put(first + 8, 64 + 1);
	put(first + 64 + 8, (end - first - 64) + 1);
}

static void add_other(size_t i)
{
	uint64_t start = OTHERS + i * ROOM;

	memory_add_zeroes(&memory, start, SIZE);
	put_heap(other(i), i + 1 < N_OTHERS ? other(i + 1) : MAIN, page_ceil(other(i) + STATE_SIZE, 16),
		 start + SIZE);
	put(start, other(i));
	put(start + 16, SIZE);
	mem_grow(space.facts.heaps, space.facts.n_heaps, space.facts.cap_heaps);
	space.facts.heaps[space.facts.n_heaps++] =
		(struct arena_heap){ .start = start, .end = start + SIZE, .arena = other(i), .tid = NO_TID };
}

static void set_up(void)
{
	space_map(&space, "400000-401000 r-xp 00000000 08:01 1 /bin/a\n"
			  "402000-403000 rw-p 00002000 08:01 1 /bin/a\n"
			  "600000-601000 rw-p 00000000 00:00 0 [heap]\n"
			  "40000000-40001000 rw-p 00000000 00:00 0\n"
			  "44000000-44001000 rw-p 00000000 00:00 0\n"
			  "48000000-48001000 rw-p 00000000 00:00 0\n");
	space_add_file(&space, &program);
	space.facts.word_size = 8;
	space_classify(&space);
	memory_init(&memory);
	memory_add_zeroes(&memory, DATA, MEMORY_PAGE);
	memory_add_zeroes(&memory, HEAP, SIZE);
	put_heap(MAIN, other(0), HEAP, HEAP + SIZE);
	for (size_t i = 0; i < N_OTHERS; i++)
		add_other(i);
}

static void tear_down(void)
{
	heap_done(&heap);
	notes_done(&notes);
	memory_done(&memory);
	space_done(&space);
}

TestSuite(read_heap, .init = set_up, .fini = tear_down);

/* The main arena, the others up to the `n`th, and then the blocks with their own mapping. */
static void expect_others(size_t n)
{
	cr_assert_eq(heap.n_arenas, n + 2);
	cr_assert_eq(heap.arenas[0].address, MAIN);
	for (size_t i = 0; i < n; i++)
		cr_assert_eq(heap.arenas[1 + i].address, other(i));
	for (size_t i = 0; i <= n; i++)
		cr_assert_eq(heap.arenas[i].walked, 100);
	cr_assert_eq(heap.arenas[n + 1].kind, ARENA_MAPPED);
}

static bool is_noted(const char *code)
{
	for (size_t i = 0; i < notes.n; i++)
		if (strcmp(notes.items[i].code, code) == 0)
			return true;
	return false;
}

Test(read_heap, finds_all_arenas)
{
	read_heap(&memory.source, &space, NULL, NULL, &heap, &notes);
	expect_others(N_OTHERS);
	cr_assert(!is_noted("heap-moving"));
}

/* When the main arena's blocks are read, the second one of the others leads to itself. */
static void lead_back(void *context _unused_, const struct heap_block *block)
{
	if (block->start < OTHERS)
		put(other(1) + NEXT, other(1));
}

Test(read_heap, reads_each_arena_once_even_if_the_chain_changes_meanwhile)
{
	read_heap(&memory.source, &space, lead_back, NULL, &heap, &notes);
	expect_others(N_OTHERS);
}

/* Right before the chain is listed, which is when its second arena is read again, it leads to itself. */
static ssize_t read_and_change(struct source *source, uint64_t addr, void *buf, size_t len)
{
	if (addr == page_floor(other(1), MEMORY_PAGE) && ++n_read == 2)
		put(other(1) + NEXT, other(1));
	return ops_before->read_memory(source, addr, buf, len);
}

Test(read_heap, ends_a_chain_that_never_leads_back)
{
	struct source_ops ops = *memory.source.ops;

	ops_before = memory.source.ops;
	ops.read_memory = read_and_change;
	ops.read_parts = NULL;
	memory.source.ops = &ops;
	read_heap(&memory.source, &space, NULL, NULL, &heap, &notes);
	expect_others(2);
	cr_assert(is_noted("heap-moving"));
}

#define LARGE 0x8000000 /* bytes of data, more than are searched */

static const struct file large_program = {
	.path = "/bin/b",
	.segments = { { 0x400000, 0, 0x1000, 0x1000, R_X }, { DATA, 0x2000, LARGE, LARGE, RW_ } },
};

static void expect_unknown(const char *maps, const struct file *file, const char *text)
{
	space_done(&space);
	space_map(&space, maps);
	space_add_file(&space, file);
	space.facts.word_size = 8;
	space_classify(&space);
	read_heap(&memory.source, &space, NULL, NULL, &heap, &notes);
	cr_assert(heap.is_missing);
	cr_assert(is_noted("heap-unknown"));
	cr_assert(strstr(notes.items[0].text, text), "%s", notes.items[0].text);
}

Test(read_heap, says_if_only_part_of_the_data_was_searched)
{
	put(MAIN + NEXT, 0);
	expect_unknown("400000-401000 r-xp 00000000 08:01 1 /bin/b\n"
		       "402000-8402000 rw-p 00002000 08:01 1 /bin/b\n",
		       &large_program, "found in the first 64 MiB of each module's data");
}

Test(read_heap, says_if_there_is_no_arena)
{
	put(MAIN + NEXT, 0);
	expect_unknown("400000-401000 r-xp 00000000 08:01 1 /bin/a\n"
		       "402000-403000 rw-p 00002000 08:01 1 /bin/a\n",
		       &program, "found: this heap is not known");
}

#define FAR (HEAP + 0x20000) /* a page of the heap that has no block in it */
#define END (HEAP + 0x40000)

static ssize_t count_and_read(struct source *source, uint64_t addr, void *buf, size_t len)
{
	n_read += addr <= FAR && addr + len > FAR;
	return ops_before->read_memory(source, addr, buf, len);
}

static size_t count_and_read_parts(struct source *source, const struct memory_part *parts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		n_read += parts[i].addr <= FAR && parts[i].addr + parts[i].len > FAR;
	return ops_before->read_parts(source, parts, n);
}

/* Where no size makes sense, each page up to the end is looked at for blocks, which may take long. */
Test(read_heap, does_not_search_again_and_again_what_stays_corrupt)
{
	struct source_ops ops = *memory.source.ops;

	space_done(&space);
	space_map(&space, "400000-401000 r-xp 00000000 08:01 1 /bin/a\n"
			  "402000-403000 rw-p 00002000 08:01 1 /bin/a\n"
			  "600000-640000 rw-p 00000000 00:00 0 [heap]\n");
	space_add_file(&space, &program);
	space.facts.word_size = 8;
	space_classify(&space);
	memory_add_zeroes(&memory, FAR, MEMORY_PAGE);
	memory_add_zeroes(&memory, END - MEMORY_PAGE, MEMORY_PAGE);
	put(MAIN + NEXT, MAIN);
	put(MAIN + SYSTEM, END - HEAP);
	put(MAIN + SYSTEM + 8, END - HEAP);
	put(MAIN + BINS - 16, END - MEMORY_PAGE);
	put(HEAP + 64 + 8, 0);
	put(END - MEMORY_PAGE + 8, MEMORY_PAGE);
	ops_before = memory.source.ops;
	ops.read_memory = count_and_read;
	ops.read_parts = count_and_read_parts;
	memory.source.ops = &ops;
	memory.source.is_native = true;
	read_heap(&memory.source, &space, NULL, NULL, &heap, &notes);
	cr_assert(is_noted("heap-corrupt"));
	cr_assert_lt(n_read, 8, "%zu", n_read);
}

static void ignore(void *context _unused_, struct heap_block *blocks _unused_, size_t n _unused_)
{
}

/* One of two blocks, in turn, has an impossible size; each for longer than it takes to look again. */
static ssize_t read_moving(struct source *source, uint64_t addr, void *buf, size_t len)
{
	uint64_t first = page_ceil(other(1) + STATE_SIZE, 16);
	bool is_first = n_read++ / 64 % 2;

	put(first + 8, is_first ? 7 : 33);
	put(first + 32 + 8, is_first ? 33 : 7);
	return ops_before->read_memory(source, addr, buf, len);
}

/* A process may have any number of heaps that keep changing. */
Test(read_heap, counts_some_of_the_waits_for_what_keeps_changing)
{
	struct source_ops ops = *memory.source.ops;
	struct malloc_layout layout = { .word_size = 8, .page_size = MEMORY_PAGE, .before_bins = BINS };
	struct heap_memory its;
	struct heap_walk walk = {
		.memory = &its,
		.layout = &layout,
		.arena = other(1),
		.piece = { page_ceil(other(1) + STATE_SIZE, 16), OTHERS + ROOM + SIZE },
		.limit = OTHERS + 2 * ROOM,
		.heap = OTHERS + ROOM,
		.take = ignore,
	};

	ops_before = memory.source.ops;
	ops.read_memory = read_moving;
	ops.read_parts = NULL;
	memory.source.ops = &ops;
	memory.source.is_native = true;
	heap_memory_init(&its, &memory.source, &space.facts);
	cr_assert_eq(heap_walk_piece(&walk), WALK_MOVING);
	cr_assert_gt(its.waited, 0);
	cr_assert_lt(its.waited, 60000);
	heap_memory_done(&its);
}
