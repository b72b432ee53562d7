/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "base/mem.h"
#include "memory.h"
#include "runtime/stack_guard.h"
#include "runtime/stacks.h"
#include "space.h"

#define PAGE 0x1000

static struct space space;
static struct memory memory;

static void tear_down(void)
{
	memory_done(&memory);
	space_done(&space);
}

static void make(const char *maps)
{
	space_map(&space, maps);
	space.facts.word_size = 8;
	memory_init(&memory);
}

TestSuite(stack_guard, .fini = tear_down);

static void add_guards(uint64_t start, uint64_t end)
{
	for (; start < end; start += PAGE)
		memory_map_page(&memory, start, PM_GUARD | PM_SWAPPED);
}

/* ---- without reading memory ---- */

#define MERGED "10000-40000 rw-p 00000000 00:00 0\n"

static const struct hidden_guard *find_hidden(uint64_t control)
{
	space.facts.n_hidden_guards = 0;
	stack_find_hidden_guards(&memory.source, &space.facts, &space.facts.mappings[0]);
	return stack_hidden_guard_below(&space.facts, control);
}

/* `end`: where the memory above the guard ends, at the next guard or at the end of the mapping. */
static void expect_hidden(uint64_t control, uint64_t start, uint64_t end, uint64_t size)
{
	const struct hidden_guard *guard = find_hidden(control);

	cr_assert_not_null(guard);
	cr_expect_eq(guard->start, start);
	cr_expect_eq(guard->end, start + size);
	cr_expect_eq(guard->top, end);
}

static bool has_hidden(uint64_t control)
{
	return find_hidden(control) != NULL;
}

Test(stack_guard, the_last_guard_below_the_block_counts)
{
	make(MERGED);
	add_guards(0x10000, 0x11000);
	add_guards(0x18000, 0x1a000);
	add_guards(0x20000, 0x21000);
	expect_hidden(0x1f9e0, 0x18000, 0x20000, 2 * PAGE);
	expect_hidden(0x179e0, 0x10000, 0x18000, PAGE);
	expect_hidden(0x3f9e0, 0x20000, 0x40000, PAGE);
}

Test(stack_guard, pages_that_are_used_are_no_guard)
{
	make(MERGED);
	add_guards(0x10000, 0x11000);
	memory_map_page(&memory, 0x12000, PM_SWAPPED);
	memory_map_page(&memory, 0x13000, PM_PRESENT);
	expect_hidden(0x179e0, 0x10000, 0x40000, PAGE);
}

Test(stack_guard, guards_above_the_block_are_other_ones)
{
	make(MERGED);
	add_guards(0x18000, 0x19000);
	cr_assert_not(has_hidden(0x179e0));
	cr_assert_not(has_hidden(0x18000), "its own page");
}

/* However much of the mapping lies below the block. */
Test(stack_guard, a_guard_far_below_the_block_is_found)
{
	make("10000000-50000000 rw-p 00000000 00:00 0\n");
	add_guards(0x10000000, 0x10001000);
	add_guards(0x20000000, 0x20004000);
	expect_hidden(0x4fffe800, 0x20000000, 0x50000000, 4 * PAGE);
	expect_hidden(0x20000000 - 0x10, 0x10000000, 0x20000000, PAGE);
	cr_assert_not(has_hidden(0x10000fff));
}

Test(stack_guard, a_large_guard_is_found_as_a_whole)
{
	make("10000000-14000000 rw-p 00000000 00:00 0\n");
	add_guards(0x12000000 - 16 * PAGE, 0x12000000);
	for (uint64_t above = 0x800; above < 0x2000000; above = above * 2 + 0x800)
		expect_hidden(0x12000000 + above, 0x12000000 - 16 * PAGE, 0x14000000, 16 * PAGE);
}

Test(stack_guard, no_guard_is_known_where_the_page_map_is_not)
{
	make(MERGED);
	add_guards(0x10000, 0x11000);
	memory.pages_missing = true;
	cr_assert_not(has_hidden(0x179e0));
}

/* Counts the stacks of one thread with a guard below its block, if memory may not be read. */
static size_t count_stacks(const char *maps)
{
	struct facts *facts = &space.facts;

	make(maps);
	add_guards(0x10000, 0x11000);
	memory_add_thread(&memory, 2, 0x179e0);
	memory.is_denied = true;
	facts->threads = mem_alloc(sizeof(*facts->threads));
	facts->threads[0] = (struct thread){ .tid = 2, .control = 0x179e0, .sp = UNKNOWN };
	facts->n_threads = 1;
	read_stacks(&memory.source, facts);
	return facts->n_blocks;
}

Test(stack_guard, files_and_shared_memory_hold_no_stack)
{
	cr_assert_eq(count_stacks("10000-18000 rw-p 00000000 00:00 0\n"), 1);
	tear_down();
	cr_assert_eq(count_stacks("10000-18000 rw-p 00000000 fe:00 7 /file\n"), 0);
	tear_down();
	cr_assert_eq(count_stacks("10000-18000 rw-s 00000000 00:00 0\n"), 0);
}

/* ---- stacks that the program provides ---- */

static void expect_added(uint64_t start, uint64_t end, uint64_t guard, uint64_t want_start,
			 uint64_t want_guard)
{
	struct stack_block block = { .start = start, .end = end, .guard = guard };

	stack_add_guard(&memory.source, &space.facts, &block);
	cr_expect_eq(block.start, want_start);
	cr_expect_eq(block.guard, want_guard);
	cr_expect_eq(block.end, end);
}

#define APART "10000-11000 ---p 00000000 00:00 0\n11000-18000 rw-p 00000000 00:00 0\n"

Test(stack_guard, pages_without_access_right_below_a_stack_are_its_guard)
{
	make(APART);
	expect_added(0x11000, 0x18000, 0, 0x10000, PAGE);
}

Test(stack_guard, the_lowest_pages_of_a_stack_are_its_guard_where_they_have_no_access)
{
	make(APART);
	expect_added(0x10000, 0x18000, 0, 0x10000, PAGE);
	expect_added(0x10800, 0x18000, 0, 0x10800, 0x800);
}

Test(stack_guard, a_stack_that_has_a_guard_keeps_it)
{
	make("10000-12000 ---p 00000000 00:00 0\n12000-18000 rw-p 00000000 00:00 0\n");
	expect_added(0x12000, 0x18000, PAGE, 0x12000, PAGE);
	expect_added(0x11000, 0x18000, PAGE, 0x11000, PAGE);
}

Test(stack_guard, what_is_not_right_below_a_stack_is_no_guard)
{
	make(APART);
	expect_added(0x12000, 0x18000, 0, 0x12000, 0);
	tear_down();
	make("10000-11000 ---p 00000000 00:00 0\n12000-18000 rw-p 00000000 00:00 0\n");
	expect_added(0x12000, 0x18000, 0, 0x12000, 0);
}

Test(stack_guard, a_file_without_access_is_no_guard)
{
	make("10000-11000 ---p 00000000 fe:00 7 /file\n11000-18000 rw-p 00000000 00:00 0\n");
	expect_added(0x11000, 0x18000, 0, 0x11000, 0);
}

Test(stack_guard, memory_that_can_be_accessed_is_no_guard)
{
	make("10000-11000 r--p 00000000 00:00 0\n11000-18000 rw-p 00000000 00:00 0\n");
	expect_added(0x11000, 0x18000, 0, 0x11000, 0);
	expect_added(0x10000, 0x18000, 0, 0x10000, 0);
}

Test(stack_guard, a_megabyte_may_be_a_guard_and_more_is_something_else)
{
	make("100000-200000 ---p 00000000 00:00 0\n200000-208000 rw-p 00000000 00:00 0\n"
	     "300000-401000 ---p 00000000 00:00 0\n401000-408000 rw-p 00000000 00:00 0\n");
	expect_added(0x200000, 0x208000, 0, 0x100000, 0x100000);
	expect_added(0x401000, 0x408000, 0, 0x401000, 0);
}

/* A heap has grown to half a megabyte below the end of its room of 64M, where a stack begins. */
Test(stack_guard, the_rest_of_an_arenas_heap_is_no_guard)
{
	make("7f0000000000-7f0003f80000 rw-p 00000000 00:00 0\n"
	     "7f0003f80000-7f0004000000 ---p 00000000 00:00 0\n"
	     "7f0004000000-7f0004008000 rw-p 00000000 00:00 0\n");
	expect_added(0x7f0004000000, 0x7f0004008000, 0, 0x7f0004000000, 0);
}

/* The memory below the guard begins higher than a heap would. */
Test(stack_guard, a_guard_that_ends_at_a_boundary_of_heaps_is_one)
{
	make("7f0000001000-7f0003fff000 rw-p 00000000 00:00 0\n"
	     "7f0003fff000-7f0004000000 ---p 00000000 00:00 0\n"
	     "7f0004000000-7f0004008000 rw-p 00000000 00:00 0\n");
	expect_added(0x7f0004000000, 0x7f0004008000, 0, 0x7f0003fff000, PAGE);
}

Test(stack_guard, guard_pages_at_the_bottom_of_a_stack_are_counted)
{
	make(MERGED);
	add_guards(0x18000, 0x1a000);
	expect_added(0x18000, 0x20000, 0, 0x18000, 2 * PAGE);
	expect_added(0x17800, 0x20000, 0, 0x17800, 2 * PAGE + 0x800);
}

Test(stack_guard, guard_pages_below_a_stack_are_counted)
{
	make(MERGED);
	add_guards(0x18000, 0x1a000);
	expect_added(0x1a000, 0x20000, 0, 0x18000, 2 * PAGE);
	expect_added(0x1a800, 0x20000, 0, 0x18000, 2 * PAGE + 0x800);
	expect_added(0x1b000, 0x20000, 0, 0x1b000, 0);
}

Test(stack_guard, guard_pages_are_counted_down_to_the_beginning_of_a_mapping)
{
	make("10000-40000 rw-p 00000000 00:00 0\n");
	memory_map_page(&memory, 0xf000, PM_GUARD);
	add_guards(0x10000, 0x12000);
	expect_added(0x12000, 0x20000, 0, 0x10000, 2 * PAGE);
}

Test(stack_guard, a_stack_does_not_become_guard_above_its_end)
{
	make(MERGED);
	add_guards(0x18000, 0x1c000);
	expect_added(0x18000, 0x1a000, 0, 0x18000, 2 * PAGE);
}

Test(stack_guard, no_guard_is_added_where_the_page_map_is_not)
{
	make(MERGED);
	add_guards(0x18000, 0x1a000);
	memory.pages_missing = true;
	expect_added(0x18000, 0x20000, 0, 0x18000, 0);
}
