/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <string.h>

#include "control.h"
#include "runtime/arenas.h"
#include "space.h"

#define HEAP UINT64_C(0x7f0000000000)
#define ROOM UINT64_C(0x4000000)
#define PAGE 0x1000

/* An arena's heap as maps shows it: the part that may be used, and the rest of its room. */
#define ONE \
	"7f0000000000-7f0000021000 rw-p 00000000 00:00 0\n7f0000021000-7f0004000000 ---p 00000000 00:00 0\n"

static struct space space;
static struct facts *facts = &space.facts;
static struct memory memory;

static void tear_down(void)
{
	memory_done(&memory);
	space_done(&space);
}

TestSuite(arenas, .fini = tear_down);

static void make(const char *maps, size_t word_size)
{
	space_map(&space, maps);
	facts->word_size = word_size;
	facts->process.swapped = 0;
	memory_init(&memory);
}

/* Writes the header of a heap: struct _heap_info in glibc's malloc/arena.c. */
static void put_heap(uint64_t at, uint64_t arena, uint64_t previous, uint64_t size, uint64_t protected_size)
{
	const uint64_t info[] = { arena, previous, size, protected_size, PAGE };

	memory_add_zeroes(&memory, at, PAGE);
	for (size_t i = 0; i < ARRAY_SIZE(info); i++)
		memory_put(&memory, at + i * facts->word_size, facts->word_size, info[i]);
}

/* Expects these heaps, one per line: "START-END ARENA TID". */
static void expect(bool want_users, const char *heaps)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	FILE *file = open_memstream(&text, &len);

	read_heaps(&memory.source, facts, want_users);
	for (size_t i = 0; i < facts->n_heaps; i++)
		fprintf(file, "%" PRIx64 "-%" PRIx64 " %" PRIx64 " %" PRIi32 "\n", facts->heaps[i].start,
			facts->heaps[i].end, facts->heaps[i].arena, facts->heaps[i].tid);
	fclose(file);
	cr_assert(strcmp(text, heaps) == 0, "expected\n%sand not\n%s", heaps, text);
}

Test(arenas, the_first_heap_of_an_arena_has_the_arena_behind_its_header)
{
	static const uint64_t behind[] = { 0x20, 0x30, 0x10, 0x40 };

	for (size_t i = 0; i < ARRAY_SIZE(behind); i++) {
		if (i > 0)
			tear_down();
		make(ONE, 8);
		put_heap(HEAP, HEAP + behind[i], 0, 0x21000, 0x21000);
		read_heaps(&memory.source, facts, false);
		cr_assert_eq(facts->n_heaps, 1);
		cr_assert_eq(facts->heaps[0].start, HEAP);
		cr_assert_eq(facts->heaps[0].end, HEAP + 0x21000);
		cr_assert_eq(facts->heaps[0].arena, HEAP + behind[i]);
		cr_assert_eq(facts->heaps[0].tid, NO_TID);
		cr_assert(facts->knows_heaps);
	}
}

/* The heap has shrunk since. */
Test(arenas, a_heap_ends_where_it_was_once_used)
{
	make(ONE, 8);
	put_heap(HEAP, HEAP + 0x30, 0, 0x2000, 0x21000);
	expect(false, "7f0000000000-7f0000021000 7f0000000030 -1\n");
}

Test(arenas, further_heaps_name_the_one_before_and_the_same_arena)
{
	make(ONE "7f0008000000-7f0008001000 rw-p 00000000 00:00 0\n"
		 "7f0008001000-7f000c000000 ---p 00000000 00:00 0\n",
	     8);
	put_heap(HEAP, HEAP + 0x30, 0, 0x21000, 0x21000);
	put_heap(HEAP + 2 * ROOM, HEAP + 0x30, HEAP, 0x1000, 0x1000);
	expect(false, "7f0000000000-7f0000021000 7f0000000030 -1\n"
		      "7f0008000000-7f0008001000 7f0000000030 -1\n");
}

/* A full heap has no inaccessible rest: it merges with its neighbours, heaps or not. */
Test(arenas, several_heaps_lie_in_one_mapping)
{
	make("7efffff00000-7f0008021000 rw-p 00000000 00:00 0\n", 8);
	put_heap(HEAP, HEAP + 0x30, 0, ROOM, ROOM);
	put_heap(HEAP + ROOM, HEAP + ROOM + 0x30, 0, ROOM, ROOM);
	put_heap(HEAP + 2 * ROOM, HEAP + 0x30, HEAP, 0x21000, 0x21000);
	expect(false, "7f0000000000-7f0004000000 7f0000000030 -1\n"
		      "7f0004000000-7f0008000000 7f0004000030 -1\n"
		      "7f0008000000-7f0008021000 7f0000000030 -1\n");
}

Test(arenas, heaps_of_32_bits_have_a_megabyte_and_narrow_words)
{
	make("f6e00000-f6e21000 rw-p 00000000 00:00 0\n"
	     "f6e21000-f6f00000 ---p 00000000 00:00 0\n"
	     "f6f00000-f7001000 rw-p 00000000 00:00 0\n",
	     4);
	put_heap(0xf6e00000, 0xf6e00020, 0, 0x21000, 0x21000);
	put_heap(0xf6f00000, 0xf6e00020, 0xf6e00000, 0x100000, 0x100000);
	put_heap(0xf7000000, 0xf7000018, 0, 0x1000, 0x1000);
	expect(false, "f6e00000-f6e21000 f6e00020 -1\n"
		      "f6f00000-f7000000 f6e00020 -1\n"
		      "f7000000-f7001000 f7000018 -1\n");
}

Test(arenas, a_heap_of_the_other_word_size_is_none)
{
	make(ONE, 8);
	memory_add_zeroes(&memory, HEAP, PAGE);
	memory_put(&memory, HEAP, 4, 0x30);
	memory_put(&memory, HEAP + 8, 4, 0x21000);
	memory_put(&memory, HEAP + 12, 4, 0x21000);
	expect(false, "");
	cr_assert(facts->knows_heaps);
}

/* ---- hostile headers ---- */

static void expect_none(const char *why, uint64_t arena, uint64_t previous, uint64_t size,
			uint64_t protected_size)
{
	make(ONE, 8);
	put_heap(HEAP, arena, previous, size, protected_size);
	read_heaps(&memory.source, facts, true);
	cr_expect_eq(facts->n_heaps, 0, "%s", why);
	tear_down();
}

Test(arenas, headers_that_no_heap_has_are_not_believed)
{
	expect_none("nothing", 0, 0, 0, 0);
	expect_none("all ones", UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX);
	expect_none("no size", HEAP + 0x30, 0, 0, 0x21000);
	expect_none("half a page", HEAP + 0x30, 0, 0x20800, 0x21000);
	expect_none("half a page that may be written to", HEAP + 0x30, 0, 0x2000, 0x20800);
	expect_none("more in use than may be written to", HEAP + 0x30, 0, 0x21000, 0x20000);
	expect_none("larger than its mapping", HEAP + 0x30, 0, 0x22000, 0x22000);
	expect_none("a size that wraps", HEAP + 0x30, 0, 0x1000, UINT64_MAX - 0xfff);
	expect_none("sizes that wrap", HEAP + 0x30, 0, UINT64_MAX - 0xfff, UINT64_MAX - 0xfff);
	expect_none("an arena inside of the header", HEAP + 8, 0, 0x21000, 0x21000);
	expect_none("an arena too far behind the header", HEAP + 0x48, 0, 0x21000, 0x21000);
	expect_none("an arena at an odd address", HEAP + 0x34, 0, 0x21000, 0x21000);
	expect_none("a first heap with one before it", HEAP + 0x30, HEAP + ROOM, 0x21000, 0x21000);
	expect_none("a further heap with none before it", HEAP + ROOM + 0x30, 0, 0x21000, 0x21000);
	expect_none("one before it in the middle of a heap", HEAP + ROOM + 0x30, HEAP + ROOM + PAGE, 0x21000,
		    0x21000);
	make(ONE, 8);
}

Test(arenas, a_heap_is_not_larger_than_its_room)
{
	make("7f0000000000-7f0008000000 rw-p 00000000 00:00 0\n", 8);
	put_heap(HEAP, HEAP + 0x30, 0, ROOM, ROOM + PAGE);
	expect(false, "");
	tear_down();
	make("7f0000000000-7f0008000000 rw-p 00000000 00:00 0\n", 8);
	put_heap(HEAP, HEAP + 0x30, 0, ROOM + PAGE, ROOM + PAGE);
	expect(false, "");
}

Test(arenas, a_heap_begins_at_a_multiple_of_its_room)
{
	make("7f0000001000-7f0000021000 rw-p 00000000 00:00 0\n", 8);
	put_heap(HEAP + PAGE, HEAP + PAGE + 0x30, 0, 0x1000, 0x1000);
	expect(false, "");
	cr_assert_eq(memory.n_reads, 0);
}

Test(arenas, at_the_top_of_all_memory_nothing_wraps)
{
	make("fffffffffc000000-fffffffffffff000 rw-p 00000000 00:00 0\n", 8);
	put_heap(UINT64_MAX - ROOM + 1, UINT64_MAX - ROOM + 1 + 0x30, 0, ROOM, ROOM);
	expect(true, "");
	tear_down();
	make("fffffffffc001000-fffffffffffff000 rw-p 00000000 00:00 0\n", 8);
	expect(true, "");
	cr_assert_eq(memory.n_reads, 0);
}

/* ---- where memmap looks for heaps ---- */

Test(arenas, only_nameless_memory_to_read_and_write_holds_heaps)
{
	static const char *const others[] = {
		"7f0000000000-7f0000021000 r--p 00000000 00:00 0\n",
		"7f0000000000-7f0000021000 -w-p 00000000 00:00 0\n",
		"7f0000000000-7f0000021000 rw-s 00000000 00:00 0\n",
		"7f0000000000-7f0000021000 rw-p 00000000 fe:00 7 /file\n",
		"7f0000000000-7f0000021000 rw-p 00000000 00:00 0 [heap]\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		if (i > 0)
			tear_down();
		make(others[i], 8);
		put_heap(HEAP, HEAP + 0x30, 0, 0x21000, 0x21000);
		expect(false, "");
		cr_assert_eq(memory.n_reads, 0, "%s", others[i]);
		cr_assert(facts->knows_heaps);
	}
}

Test(arenas, memory_that_cannot_be_read_says_nothing)
{
	make(ONE, 8);
	put_heap(HEAP, HEAP + 0x30, 0, 0x21000, 0x21000);
	memory.is_denied = true;
	expect(true, "");
	cr_assert_not(facts->knows_heaps);
}

Test(arenas, a_header_that_is_only_half_readable_says_nothing)
{
	make(ONE, 8);
	put_heap(HEAP, HEAP + 0x30, 0, 0x21000, 0x21000);
	memory.parts[0].len = 31;
	expect(true, "");
	cr_assert_not(facts->knows_heaps);
	memory.parts[0].len = 32;
	expect(true, "7f0000000000-7f0000021000 7f0000000030 -1\n");
}

Test(arenas, of_many_boundaries_those_that_are_not_in_memory_are_not_read)
{
	make("7f0000000000-7f0010000000 rw-p 00000000 00:00 0\n", 8);
	put_heap(HEAP, HEAP + 0x30, 0, 0x21000, 0x21000);
	put_heap(HEAP + 2 * ROOM, HEAP + 2 * ROOM + 0x30, 0, 0x21000, 0x21000);
	expect(false, "7f0000000000-7f0000021000 7f0000000030 -1\n"
		      "7f0008000000-7f0008021000 7f0008000030 -1\n");
	cr_assert_eq(memory.n_reads, 2);
}

Test(arenas, all_boundaries_are_read_where_something_is_swapped)
{
	make("7f0000000000-7f0010000000 rw-p 00000000 00:00 0\n", 8);
	put_heap(HEAP, HEAP + 0x30, 0, 0x21000, 0x21000);
	memory_map_page(&memory, HEAP, PM_SWAPPED);
	facts->process.swapped = PAGE;
	expect(false, "7f0000000000-7f0000021000 7f0000000030 -1\n");
	cr_assert_eq(memory.n_reads, 4);
}

/* memmap looks at 4096 boundaries: at 64M each, 256G. */
Test(arenas, where_there_are_too_many_boundaries_it_is_not_known_what_is_no_heap)
{
	make("7f0000000000-7f4000000000 rw-p 00000000 00:00 0\n", 8);
	put_heap(HEAP, HEAP + 0x30, 0, 0x21000, 0x21000);
	put_heap(HEAP + 4095 * ROOM, HEAP + 0x30, HEAP, 0x21000, 0x21000);
	expect(false, "7f0000000000-7f0000021000 7f0000000030 -1\n"
		      "7f3ffc000000-7f3ffc021000 7f0000000030 -1\n");
	cr_assert_not(facts->knows_heaps);
	tear_down();
	make("7f0000000000-7f3ffc000000 rw-p 00000000 00:00 0\n", 8);
	put_heap(HEAP, HEAP + 0x30, 0, 0x21000, 0x21000);
	expect(false, "7f0000000000-7f0000021000 7f0000000030 -1\n");
	cr_assert(facts->knows_heaps);
}

Test(arenas, boundaries_that_were_looked_at_count_in_all_mappings_together)
{
	make("7f0000000000-7f0000021000 rw-p 00000000 00:00 0\n"
	     "7f0004000000-7f4004000000 rw-p 00000000 00:00 0\n",
	     8);
	put_heap(HEAP + 4095 * ROOM, HEAP + 4095 * ROOM + 0x30, 0, 0x1000, 0x1000);
	put_heap(HEAP + 4096 * ROOM, HEAP + 4096 * ROOM + 0x30, 0, 0x1000, 0x1000);
	expect(false, "7f3ffc000000-7f3ffc001000 7f3ffc000030 -1\n");
	cr_assert_not(facts->knows_heaps);
}

/* ---- which thread uses which arena ---- */

#define FIRST (HEAP + 0x30)
#define SECOND (HEAP + ROOM + 0x30)
#define CONTROL(i) (UINT64_C(0x7e0000002000) + (uint64_t)(i)*0x10000)

static void make_arenas(void)
{
	make(ONE "7f0004000000-7f0008000000 rw-p 00000000 00:00 0\n"
		 "7f0008000000-7f0008001000 rw-p 00000000 00:00 0\n",
	     8);
	put_heap(HEAP, FIRST, 0, 0x21000, 0x21000);
	put_heap(HEAP + ROOM, SECOND, 0, ROOM, ROOM);
	put_heap(HEAP + 2 * ROOM, FIRST, HEAP, 0x1000, 0x1000);
}

/* Adds a thread whose variables can be read up to 4K on either side of its control block. */
static void add_thread(unsigned i)
{
	memory_add_zeroes(&memory, CONTROL(i) - 0x1000, 0x2000);
	control_add_thread(facts, &memory, 101 + (int32_t)i, CONTROL(i));
}

static void set(unsigned i, int64_t distance, uint64_t value)
{
	memory_put(&memory, CONTROL(i) + (uint64_t)distance, 8, value);
}

Test(arenas, a_thread_keeps_its_arena_at_the_same_distance_as_others)
{
	make_arenas();
	for (unsigned i = 0; i < 3; i++)
		add_thread(i);
	set(0, -0x78, FIRST);
	set(1, -0x78, SECOND);
	/* A stray address of an arena, as on a stack. */
	set(2, -0x800, SECOND);
	expect(true, "7f0000000000-7f0000021000 7f0000000030 101\n"
		     "7f0004000000-7f0008000000 7f0004000030 102\n"
		     "7f0008000000-7f0008001000 7f0000000030 101\n");
}

Test(arenas, an_arena_of_two_threads_is_nobodys)
{
	make_arenas();
	for (unsigned i = 0; i < 3; i++)
		add_thread(i);
	set(0, -0x78, FIRST);
	set(1, -0x78, SECOND);
	set(2, -0x78, FIRST);
	expect(true, "7f0000000000-7f0000021000 7f0000000030 -1\n"
		     "7f0004000000-7f0008000000 7f0004000030 102\n"
		     "7f0008000000-7f0008001000 7f0000000030 -1\n");
	cr_assert_eq(facts->heaps[0].n_users, 2);
}

Test(arenas, nobody_is_asked_for_users_whom_nobody_wants)
{
	make_arenas();
	add_thread(0);
	set(0, -0x78, FIRST);
	expect(false, "7f0000000000-7f0000021000 7f0000000030 -1\n"
		      "7f0004000000-7f0008000000 7f0004000030 -1\n"
		      "7f0008000000-7f0008001000 7f0000000030 -1\n");
	cr_assert_eq(memory.n_reads, 3);
}

Test(arenas, what_a_few_threads_have_proves_nothing)
{
	make_arenas();
	for (unsigned i = 0; i < 3; i++)
		add_thread(i);
	set(0, -0x78, FIRST);
	expect(true, "7f0000000000-7f0000021000 7f0000000030 -1\n"
		     "7f0004000000-7f0008000000 7f0004000030 -1\n"
		     "7f0008000000-7f0008001000 7f0000000030 -1\n");
}

Test(arenas, half_of_the_threads_are_enough)
{
	make_arenas();
	for (unsigned i = 0; i < 4; i++)
		add_thread(i);
	set(0, -0x78, FIRST);
	set(3, -0x78, SECOND);
	expect(true, "7f0000000000-7f0000021000 7f0000000030 101\n"
		     "7f0004000000-7f0008000000 7f0004000030 104\n"
		     "7f0008000000-7f0008001000 7f0000000030 101\n");
}

Test(arenas, two_distances_that_say_different_things_say_nothing)
{
	make_arenas();
	add_thread(0);
	add_thread(1);
	set(0, -0x78, FIRST);
	set(1, -0x78, SECOND);
	set(0, 0x100, SECOND);
	set(1, 0x100, FIRST);
	expect(true, "7f0000000000-7f0000021000 7f0000000030 -1\n"
		     "7f0004000000-7f0008000000 7f0004000030 -1\n"
		     "7f0008000000-7f0008001000 7f0000000030 -1\n");
}

Test(arenas, two_distances_that_say_the_same_are_believed)
{
	make_arenas();
	add_thread(0);
	add_thread(1);
	set(0, -0x1000, FIRST);
	set(1, -0x1000, SECOND);
	set(0, 0xff8, FIRST);
	set(1, 0xff8, SECOND);
	expect(true, "7f0000000000-7f0000021000 7f0000000030 101\n"
		     "7f0004000000-7f0008000000 7f0004000030 102\n"
		     "7f0008000000-7f0008001000 7f0000000030 101\n");
}

Test(arenas, threads_whose_variables_cannot_be_read_are_left_out)
{
	make_arenas();
	add_thread(0);
	set(0, -0x78, FIRST);
	control_add_thread(facts, &memory, 102, UNKNOWN);
	control_add_thread(facts, &memory, 103, 0x1000);
	control_add_thread(facts, &memory, 104, 0x1008);
	control_add_thread(facts, &memory, 105, UINT64_MAX - 8);
	expect(true, "7f0000000000-7f0000021000 7f0000000030 101\n"
		     "7f0004000000-7f0008000000 7f0004000030 -1\n"
		     "7f0008000000-7f0008001000 7f0000000030 101\n");
}

/* The arena's first heap is not in memory, or was not recognised. */
Test(arenas, an_arena_is_known_by_any_of_its_heaps)
{
	make("7f0004000000-7f0004021000 rw-p 00000000 00:00 0\n"
	     "7f0008000000-7f0008021000 rw-p 00000000 00:00 0\n",
	     8);
	put_heap(HEAP + ROOM, FIRST, HEAP, 0x21000, 0x21000);
	put_heap(HEAP + 2 * ROOM, FIRST, HEAP + ROOM, 0x21000, 0x21000);
	add_thread(0);
	set(0, -0x78, FIRST);
	expect(true, "7f0004000000-7f0004021000 7f0000000030 101\n"
		     "7f0008000000-7f0008021000 7f0000000030 101\n");
}
