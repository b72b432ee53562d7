/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "control.h"
#include "runtime/stacks.h"
#include "space.h"

#define PAGE 0x1000
#define PROCESS 100

/* Two stacks with their guards; the second one lies higher. */
#define ONE "10000-11000 ---p 00000000 00:00 0\n11000-18000 rw-p 00000000 00:00 0\n"
#define TWO ONE "20000-21000 ---p 00000000 00:00 0\n21000-28000 rw-p 00000000 00:00 0\n"
/* glibc 2.42: two stacks in one mapping, with guards at 10000 and 18000. */
#define MERGED "10000-20000 rw-p 00000000 00:00 0\n"

static struct space space;
static struct facts *facts = &space.facts;
static struct memory memory;

static void set_up(void)
{
	memory_init(&memory);
}

static void tear_down(void)
{
	memory_done(&memory);
	space_done(&space);
}

TestSuite(stacks, .init = set_up, .fini = tear_down);

/* Makes an address space; mappings with read access hold zeroes. */
static void make(const char *maps, size_t word_size)
{
	space_map(&space, maps);
	facts->word_size = word_size;
	facts->process.pid = PROCESS;
	facts->has_robust_lists = true;
	for (size_t i = 0; i < facts->n_mappings; i++)
		if (facts->mappings[i].perms & PERM_R)
			memory_add_zeroes(&memory, facts->mappings[i].start,
					  (size_t)(facts->mappings[i].end - facts->mappings[i].start));
}

static void put(const struct control_layout *layout, uint64_t at, int32_t tid, uint64_t a, uint64_t b,
		uint64_t c, uint64_t d)
{
	control_put(&memory, layout, at, tid, &(struct control_fields){ { a, b, c, d } });
}

/* Writes a glibc block that the kernel knows. */
static void put_known(const struct control_layout *layout, uint64_t at, int32_t tid, uint64_t start,
		      uint64_t size, uint64_t guard)
{
	put(layout, at, tid, start, size, guard, guard);
	control_add_thread(facts, &memory, tid, at + layout->list);
}

static void expect(const char *blocks)
{
	read_stacks(&memory.source, facts);
	control_expect(facts, blocks);
}

/* ---- glibc, by what the kernel knows ---- */

Test(stacks, glibc_says_where_a_stack_is_and_its_guard)
{
	make(TWO, 8);
	put_known(&glibc_x86_64, 0x17700, 101, 0x10000, 0x8000, PAGE);
	put_known(&glibc_x86_64, 0x27700, 102, 0x20000, 0x8000, PAGE);
	expect("10000-18000 +1000 101\n"
	       "20000-28000 +1000 102\n");
}

Test(stacks, fields_are_found_wherever_a_version_of_glibc_has_them)
{
	static const size_t fields[] = { 0x2f8, 0x618, 0x690, 0x6f8, 0x8e0 };

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		struct control_layout layout = glibc_x86_64;

		layout.fields = fields[i];
		make(ONE, 8);
		put_known(&layout, 0x17700, 101, 0x10000, 0x8000, PAGE);
		expect("10000-18000 +1000 101\n");
		tear_down();
		set_up();
	}
	make(ONE, 8);
}

Test(stacks, a_block_needs_no_address_of_itself_where_the_kernel_knows_it)
{
	make(ONE, 8);
	put_known(&glibc_aarch64, 0x17700, 101, 0x10000, 0x8000, PAGE);
	expect("10000-18000 +1000 101\n");
}

/* The process has the kernel's own word size. */
Test(stacks, glibc_of_32_bits_is_known_to_a_kernel_of_32_bits)
{
	make(ONE, 4);
	put_known(&glibc_i386, 0x17700, 101, 0x10000, 0x8000, PAGE);
	expect("10000-18000 +1000 101\n");
}

Test(stacks, a_part_of_a_mapping_may_be_a_stack)
{
	make("10000-28000 rw-p 00000000 00:00 0\n", 8);
	put_known(&glibc_x86_64, 0x17700, 101, 0x10010, 0x7ff0, 0);
	expect("10010-18000 +0 101\n");
}

Test(stacks, the_main_thread_has_its_stack_from_the_kernel)
{
	make("11000-18000 rw-p 00000000 00:00 0\n", 8);
	put_known(&glibc_x86_64, 0x17700, PROCESS, 0x11000, 0x7000, 0);
	expect("");
}

Test(stacks, guards_inside_of_a_mapping_are_known_from_the_fields)
{
	make(MERGED, 8);
	put_known(&glibc_x86_64, 0x17700, 101, 0x10000, 0x8000, PAGE);
	put_known(&glibc_x86_64, 0x1f700, 102, 0x18000, 0x8000, PAGE);
	expect("10000-18000 +1000 101\n"
	       "18000-20000 +1000 102\n");
}

/* When a thread ends, the kernel clears its ID in the block: another may have the stack already. */
Test(stacks, a_thread_that_has_ended_meanwhile_has_no_stack)
{
	make(TWO, 8);
	put(&glibc_x86_64, 0x17700, 0, 0x10000, 0x8000, PAGE, PAGE);
	control_add_thread(facts, &memory, 101, 0x17700 + glibc_x86_64.list);
	memory.threads[0].control = UNKNOWN;
	put_known(&glibc_x86_64, 0x27700, 102, 0x20000, 0x8000, PAGE);
	expect("10000-18000 +1000 -1\n"
	       "20000-28000 +1000 102\n");
}

/* The ID is read before the fields, which may be a new thread's already: the kernel is asked last. */
Test(stacks, a_thread_that_had_its_number_may_have_ended_meanwhile)
{
	make(ONE, 8);
	put_known(&glibc_x86_64, 0x17700, 101, 0x10000, 0x8000, PAGE);
	memory.threads[0].control = UNKNOWN;
	expect("10000-18000 +1000 -1\n");
	/* Or it lives, and the kernel has refused to say: nobody may take the stack for one left behind. */
	cr_assert_eq(facts->threads[0].control, UNKNOWN);
}

Test(stacks, a_number_that_another_namespace_gave_is_checked_with_the_kernel)
{
	make(ONE, 8);
	put(&glibc_x86_64, 0x17700, 7, 0x10000, 0x8000, PAGE, PAGE);
	control_add_thread(facts, &memory, 101, 0x17700 + glibc_x86_64.list);
	expect("10000-18000 +1000 101\n");
}

/* It is not read along with other blocks, as that would fault its page in. */
Test(stacks, a_block_that_is_not_in_memory_is_left_to_the_source)
{
	make(ONE, 8);
	put_known(&glibc_x86_64, 0x17700, 101, 0x10000, 0x8000, PAGE);
	memory_map_page(&memory, 0x17000, 0);
	expect("10000-18000 +1000 101\n");
}

/* They are read in several batches. */
Test(stacks, more_threads_than_are_read_at_once)
{
	static char maps[PARTS_MAX * 64];
	size_t len = 0;

	for (unsigned i = 0; i < 40; i++)
		len += (size_t)snprintf(maps + len, sizeof(maps) - len,
					"%x000-%x000 ---p 00000000 00:00 0\n"
					"%x000-%x000 rw-p 00000000 00:00 0\n",
					0x100 + 8 * i, 0x101 + 8 * i, 0x101 + 8 * i, 0x104 + 8 * i);
	make(maps, 8);
	for (unsigned i = 0; i < 40; i++)
		put_known(&glibc_x86_64, 0x103700 + i * 0x8000, 101 + (int32_t)i, 0x100000 + i * 0x8000,
			  0x4000, PAGE);
	read_stacks(&memory.source, facts);
	cr_assert_eq(facts->n_blocks, 40);
	for (unsigned i = 0; i < 40; i++) {
		cr_assert_eq(facts->blocks[i].start, 0x100000 + i * 0x8000);
		cr_assert_eq(facts->blocks[i].tid, 101 + (int32_t)i);
	}
}

/* ---- hostile blocks ---- */

static void expect_unbelieved(const char *why, uint64_t start, uint64_t size, uint64_t guard,
			      uint64_t reported)
{
	make("10000-11000 ---p 00000000 00:00 0\n"
	     "11000-18000 rw-p 00000000 00:00 0\n"
	     "18000-20000 rw-p 00000000 fe:00 7 /file\n",
	     8);
	put(&glibc_x86_64, 0x17700, 101, start, size, guard, reported);
	control_add_thread(facts, &memory, 101, 0x17700 + glibc_x86_64.list);
	read_stacks(&memory.source, facts);
	cr_expect_eq(facts->n_blocks, 0, "%s", why);
	tear_down();
	set_up();
}

Test(stacks, fields_that_no_stack_has_are_not_believed)
{
	expect_unbelieved("larger than its mapping, above", 0x10000, 0x9000, PAGE, PAGE);
	expect_unbelieved("larger than its mapping, below", 0xf000, 0x9000, PAGE, PAGE);
	expect_unbelieved("a size that wraps", 0x10000, UINT64_MAX - 0xffff, PAGE, PAGE);
	expect_unbelieved("a size that wraps to its beginning", 0x10000, UINT64_MAX, PAGE, PAGE);
	expect_unbelieved("at the top of all memory", UINT64_MAX - 0xfff, 0x1000, 0, 0);
	expect_unbelieved("all ones", UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX);
	expect_unbelieved("a guard as large as it", 0x10000, 0x8000, 0x8000, 0);
	expect_unbelieved("a guard that wraps", 0x10000, 0x8000, UINT64_MAX - 0xfff, 0);
	expect_unbelieved("elsewhere", 0x18000, 0x8000, 0, 0);
	expect_unbelieved("nothing", 0, 0, 0, 0);
	make(ONE, 8);
}

static void expect_nowhere(const char *why, uint64_t control)
{
	make(ONE, 8);
	control_add_thread(facts, &memory, 101, control);
	read_stacks(&memory.source, facts);
	cr_expect_eq(facts->n_blocks, 0, "%s", why);
	tear_down();
	set_up();
}

/* set_robust_list(2) takes any address. */
Test(stacks, an_address_that_no_block_is_at_leads_to_nothing)
{
	expect_nowhere("below all mappings", 8);
	expect_nowhere("at 0", 0);
	expect_nowhere("above all mappings", 0x18000);
	expect_nowhere("at the top of all memory", UINT64_MAX - 1);
	expect_nowhere("in the guard", 0x10800);
	expect_nowhere("at the first byte that can be read", 0x11000);
	expect_nowhere("at an odd address", 0x17fff);
	make(ONE, 8);
}

Test(stacks, an_address_at_the_bottom_of_all_memory_is_looked_at_there)
{
	make("0-8000 rw-p 00000000 00:00 0\n", 8);
	control_add_thread(facts, &memory, 101, 4);
	control_add_thread(facts, &memory, 102, 8);
	expect("");
}

Test(stacks, of_blocks_that_overlap_none_is_believed)
{
	make("10000-20000 rw-p 00000000 00:00 0\n"
	     "30000-40000 rw-p 00000000 00:00 0\n",
	     8);
	put_known(&glibc_x86_64, 0x17700, 101, 0x10000, 0x10000, 0);
	put_known(&glibc_x86_64, 0x1b700, 102, 0x18000, 0x4000, 0);
	put_known(&glibc_x86_64, 0x1f700, 103, 0x1d000, 0x3000, 0);
	put_known(&glibc_x86_64, 0x37700, 104, 0x30000, 0x8000, 0);
	put_known(&glibc_x86_64, 0x3f700, 105, 0x38000, 0x8000, 0);
	expect("30000-38000 +0 104\n"
	       "38000-40000 +0 105\n");
}

/* ---- if memory may not be read ---- */

static void make_denied(const char *maps)
{
	make(maps, 8);
	memory.is_denied = true;
}

Test(stacks, denied_memory_leaves_the_guard_below_and_the_end_of_the_mapping)
{
	make_denied(TWO);
	control_add_thread(facts, &memory, 101, 0x179e0);
	control_add_thread(facts, &memory, 102, 0x279e0);
	expect("10000-18000 +1000 101\n"
	       "20000-28000 +1000 102\n");
}

Test(stacks, denied_memory_with_a_block_at_the_beginning_of_its_last_page)
{
	make_denied(ONE);
	control_add_thread(facts, &memory, 101, 0x17000);
	expect("10000-18000 +1000 101\n");
}

Test(stacks, denied_memory_and_a_block_before_the_last_page_proves_nothing)
{
	make_denied(ONE);
	control_add_thread(facts, &memory, 101, 0x16ff8);
	expect("");
}

Test(stacks, denied_memory_and_two_blocks_in_one_mapping_prove_nothing)
{
	make_denied(ONE);
	control_add_thread(facts, &memory, 101, 0x179e0);
	control_add_thread(facts, &memory, 102, 0x11000);
	expect("");
}

Test(stacks, denied_memory_and_blocks_right_outside_of_a_mapping_are_no_matter)
{
	make_denied(ONE "18000-20000 rw-p 00000000 fe:00 7 /file\n");
	control_add_thread(facts, &memory, 101, 0x179e0);
	control_add_thread(facts, &memory, 102, 0x18000);
	control_add_thread(facts, &memory, 103, 0x10fff);
	expect("10000-18000 +1000 101\n");
}

/* The same address for two threads: one of them was just cloned. */
Test(stacks, denied_memory_and_one_block_of_two_threads_overlap)
{
	make_denied(ONE);
	control_add_thread(facts, &memory, 101, 0x179e0);
	control_add_thread(facts, &memory, 102, 0x179e0);
	expect("");
}

Test(stacks, denied_memory_below_a_guard_that_is_too_large_proves_nothing)
{
	make_denied("10000-111000 ---p 00000000 00:00 0\n111000-118000 rw-p 00000000 00:00 0\n"
		    "200000-300000 ---p 00000000 00:00 0\n300000-308000 rw-p 00000000 00:00 0\n");
	control_add_thread(facts, &memory, 101, 0x1179e0);
	control_add_thread(facts, &memory, 102, 0x3079e0);
	expect("200000-308000 +100000 102\n");
}

Test(stacks, denied_memory_shows_guards_inside_of_a_mapping_in_the_page_map)
{
	make_denied(MERGED);
	memory_map_page(&memory, 0x10000, PM_GUARD | PM_SWAPPED);
	memory_map_page(&memory, 0x18000, PM_GUARD | PM_SWAPPED);
	control_add_thread(facts, &memory, 101, 0x179e0);
	control_add_thread(facts, &memory, 102, 0x1f9e0);
	expect("10000-18000 +1000 101\n"
	       "18000-20000 +1000 102\n");
}

Test(stacks, denied_memory_without_a_page_map_proves_nothing)
{
	make_denied(MERGED);
	memory.pages_missing = true;
	control_add_thread(facts, &memory, 101, 0x179e0);
	expect("");
}

/* ---- blocks that the kernel does not know ---- */

Test(stacks, glibc_of_32_bits_is_found_in_memory)
{
	make(TWO, 4);
	put(&glibc_i386, 0x17b40, 101, 0x10000, 0x8000, PAGE, PAGE);
	control_add_thread(facts, &memory, 101, UNKNOWN);
	put(&glibc_i386, 0x27b40, 102, 0x20000, 0x8000, PAGE, PAGE);
	control_add_thread(facts, &memory, 102, UNKNOWN);
	expect("10000-18000 +1000 101\n"
	       "20000-28000 +1000 102\n");
}

Test(stacks, a_block_of_glibc_that_the_kernel_should_know_is_of_a_thread_that_ends)
{
	make(ONE, 8);
	put(&glibc_x86_64, 0x17700, 101, 0x10000, 0x8000, PAGE, PAGE);
	control_add_thread(facts, &memory, 101, UNKNOWN);
	expect("10000-18000 +1000 -1\n");
}

Test(stacks, a_block_of_glibc_is_believed_where_the_kernel_was_not_asked)
{
	make(ONE, 8);
	facts->has_robust_lists = false;
	put(&glibc_x86_64, 0x17700, 101, 0x10000, 0x8000, PAGE, PAGE);
	control_add_thread(facts, &memory, 101, UNKNOWN);
	expect("10000-18000 +1000 101\n");
}

Test(stacks, a_stack_that_an_ended_thread_left_is_nobodys)
{
	make(TWO, 8);
	put(&glibc_x86_64, 0x17700, 0, 0x10000, 0x8000, PAGE, PAGE);
	put_known(&glibc_x86_64, 0x27700, 102, 0x20000, 0x8000, PAGE);
	expect("10000-18000 +1000 -1\n"
	       "20000-28000 +1000 102\n");
}

Test(stacks, what_an_ended_thread_left_fills_its_mapping)
{
	make(TWO, 8);
	put(&glibc_x86_64, 0x17700, 0, 0x11000, 0x7000, PAGE, PAGE);
	put(&glibc_x86_64, 0x25700, 0, 0x20000, 0x6000, PAGE, PAGE);
	expect("");
}

Test(stacks, a_mapping_that_is_only_half_readable_is_searched_as_far)
{
	make(ONE, 8);
	put(&glibc_x86_64, 0x14040, 0, 0x10000, 0x8000, PAGE, PAGE);
	memory.parts[0].len = 0x3000 + 0x40 + 0x900;
	expect("10000-18000 +1000 -1\n");
}

Test(stacks, a_mapping_that_cannot_be_read_is_left_as_it_is)
{
	make_denied(ONE);
	put(&glibc_x86_64, 0x17700, 0, 0x10000, 0x8000, PAGE, PAGE);
	expect("");
}

/* ---- thread numbers ---- */

static void make_glibc_with(const struct control_layout *layout, size_t offset, uint64_t word)
{
	make(ONE, layout->word_size);
	put(layout, 0x17600, 0, 0x10000, 0x8000, PAGE, PAGE);
	memory_put(&memory, 0x17600 + offset, layout->word_size, word);
	facts->has_robust_lists = false;
	control_add_thread(facts, &memory, 101, UNKNOWN);
}

Test(stacks, the_upper_half_of_a_pointer_is_no_number_of_a_thread)
{
	make_glibc_with(&glibc_x86_64, 0x18, UINT64_C(101) << 32 | 0x1000);
	expect("10000-18000 +1000 -1\n");
}

Test(stacks, what_follows_a_number_is_another_field)
{
	make_glibc_with(&glibc_x86_64, 0x2d0, UINT64_C(77) << 32 | 101);
	expect("10000-18000 +1000 101\n");
}

Test(stacks, the_number_of_a_thread_is_looked_for_in_the_first_kilobyte)
{
	make_glibc_with(&glibc_x86_64, 0x3f8, 101);
	expect("10000-18000 +1000 101\n");
	tear_down();
	set_up();
	make_glibc_with(&glibc_x86_64, 0x400, 101);
	expect("10000-18000 +1000 -1\n");
	tear_down();
	set_up();
	make_glibc_with(&glibc_i386, 0x3fc, 101);
	expect("10000-18000 +1000 101\n");
	tear_down();
	set_up();
	make_glibc_with(&glibc_i386, 0x400, 101);
	expect("10000-18000 +1000 -1\n");
}

Test(stacks, a_number_that_is_no_threads_belongs_to_nobody)
{
	make_glibc_with(&glibc_x86_64, 0x2d0, 100);
	memory_put(&memory, 0x17600 + 0x2d8, 8, 102);
	expect("10000-18000 +1000 -1\n");
}

Test(stacks, one_thread_does_not_have_two_blocks)
{
	make(TWO, 4);
	put(&glibc_i386, 0x17b40, 101, 0x10000, 0x8000, PAGE, PAGE);
	put(&glibc_i386, 0x27b40, 101, 0x20000, 0x8000, PAGE, PAGE);
	control_add_thread(facts, &memory, 101, UNKNOWN);
	expect("10000-18000 +1000 101\n"
	       "20000-28000 +1000 -1\n");
}

/* ---- musl ---- */

/* map_base, map_size, stack, stack_size: the stack ends where the block's page begins. */
static void put_musl(const struct control_layout *layout, uint64_t at, int32_t tid, uint64_t start)
{
	put(layout, at, tid, start, 0x8000, start + 0x7000, 0x6000);
	control_add_thread(facts, &memory, tid, UNKNOWN);
}

static const struct control_layout *const musls[] = { &musl_x86_64, &musl_aarch64, &musl_i386 };

Test(stacks, musl_says_where_a_stack_is_and_its_guard)
{
	for (size_t i = 0; i < ARRAY_SIZE(musls); i++) {
		make(ONE, musls[i]->word_size);
		put_musl(musls[i], 0x17f00, 101, 0x10000);
		expect("10000-18000 +1000 101\n");
		tear_down();
		set_up();
	}
	make(ONE, 8);
}

/* All blocks in the ring of the first are found, whether or not their mapping looks like a stack. */
#define RING ONE "30000-48000 rw-p 00000000 00:00 0\n"

static void make_ring(const struct control_layout *layout)
{
	make(RING, layout->word_size);
	put_musl(layout, 0x17f00, 101, 0x10000);
	put_musl(layout, 0x37f00, 102, 0x30000);
	put_musl(layout, 0x47f00, 103, 0x40000);
}

Test(stacks, the_ring_leads_from_one_block_of_musl_to_all_others)
{
	for (size_t i = 0; i < ARRAY_SIZE(musls); i++) {
		make_ring(musls[i]);
		control_link(&memory, musls[i], 0x17f00, 0x47f00, 0x37f00);
		control_link(&memory, musls[i], 0x37f00, 0x17f00, 0x47f00);
		control_link(&memory, musls[i], 0x47f00, 0x37f00, 0x17f00);
		expect("10000-18000 +1000 101\n"
		       "30000-38000 +1000 102\n"
		       "40000-48000 +1000 103\n");
		tear_down();
		set_up();
	}
	make(ONE, 8);
}

Test(stacks, a_ring_that_is_torn_one_way_is_followed_the_other_way)
{
	make_ring(&musl_x86_64);
	control_link(&memory, &musl_x86_64, 0x17f00, 0x47f00, 0x50000);
	control_link(&memory, &musl_x86_64, 0x47f00, 0x37f00, 0);
	control_link(&memory, &musl_x86_64, 0x37f00, UINT64_MAX, UINT64_MAX);
	expect("10000-18000 +1000 101\n"
	       "30000-38000 +1000 102\n"
	       "40000-48000 +1000 103\n");
}

Test(stacks, a_ring_that_goes_in_circles_without_its_beginning_ends)
{
	make_ring(&musl_x86_64);
	control_link(&memory, &musl_x86_64, 0x17f00, 0x37f00, 0x37f00);
	control_link(&memory, &musl_x86_64, 0x37f00, 0x47f00, 0x47f00);
	control_link(&memory, &musl_x86_64, 0x47f00, 0x37f00, 0x37f00);
	expect("10000-18000 +1000 101\n"
	       "30000-38000 +1000 102\n"
	       "40000-48000 +1000 103\n");
	cr_expect_lt(memory.n_reads, 20);
}

/* The links of each thread lead into one circle, which no thread is part of. */
Test(stacks, a_process_made_of_circles_is_not_followed_for_ever)
{
	enum { N = 40 };
	static char maps[N * 80];
	size_t len = 0;

	for (unsigned i = 1; i <= N; i++)
		len += (size_t)snprintf(maps + len, sizeof(maps) - len,
					"%x0000-%x1000 ---p 00000000 00:00 0\n"
					"%x1000-%x8000 rw-p 00000000 00:00 0\n",
					i, i, i, i);
	make(maps, 8);
	for (uint64_t i = 1; i <= N; i++) {
		uint64_t start = i << 16;

		put_musl(&musl_x86_64, start + 0x7f00, PROCESS + (int32_t)i, start);
		control_link(&memory, &musl_x86_64, start + 0x7f00, 0x17e00, 0x17e00);
	}
	memory_put(&memory, 0x17e00, 8, 0x17e00);
	memory_put(&memory, 0x17d00, 8, 0x17d00);
	control_link(&memory, &musl_x86_64, 0x17e00, 0x17d00, 0x17d00);
	control_link(&memory, &musl_x86_64, 0x17d00, 0x17e00, 0x17e00);
	read_stacks(&memory.source, facts);
	cr_expect_eq(facts->n_blocks, N);
	cr_expect_lt(memory.n_reads, 20 * N);
}

Test(stacks, a_link_to_what_is_no_block_ends_a_ring)
{
	make_ring(&musl_x86_64);
	control_link(&memory, &musl_x86_64, 0x17f00, 0x37f08, 0x37f08);
	control_link(&memory, &musl_x86_64, 0x37f00, 0x47f00, 0x47f00);
	expect("10000-18000 +1000 101\n");
}

static void expect_not_musl(const char *why, uint64_t base, uint64_t size, uint64_t top, uint64_t stack_size)
{
	make(ONE, 8);
	put(&musl_x86_64, 0x17f00, 101, base, size, top, stack_size);
	control_add_thread(facts, &memory, 101, UNKNOWN);
	read_stacks(&memory.source, facts);
	cr_expect_eq(facts->n_blocks, 0, "%s", why);
	tear_down();
	set_up();
}

Test(stacks, fields_that_no_stack_of_musl_has_are_not_believed)
{
	expect_not_musl("no stack", 0x10000, 0x8000, 0x17000, 0);
	expect_not_musl("a stack from below 0", 0x10000, 0x8000, 0x17000, 0x17001);
	expect_not_musl("a stack of all memory", 0x10000, 0x8000, 0x17000, UINT64_MAX);
	expect_not_musl("a stack above the block", 0x10000, 0x8000, 0x17f08, 0x6f08);
	expect_not_musl("a stack that begins below its mapping", 0x10000, 0x8000, 0x17000, 0x8000);
	expect_not_musl("a mapping that ends below the block", 0x10000, 0x7f00, 0x17000, 0x6000);
	expect_not_musl("a size that wraps", 0x10000, UINT64_MAX - 0xffff, 0x17000, 0x6000);
	expect_not_musl("larger than its mapping, below", 0xf000, 0x9000, 0x17000, 0x6000);
	expect_not_musl("larger than its mapping, above", 0x10000, 0x9000, 0x17000, 0x6000);
	expect_not_musl("half a page", 0x10800, 0x7800, 0x17000, 0x6000);
	expect_not_musl("half a page of guard", 0x10000, 0x8000, 0x17000, 0x6800);
	make(ONE, 8);
}

/* Memory that the program provides may begin anywhere, and then holds the block, too. */
Test(stacks, musl_on_memory_that_the_program_brought_has_no_mapping_of_its_own)
{
	make(ONE, 8);
	put(&musl_x86_64, 0x17f00, 101, 0, 0x4180, 0x17e80, 0x4000);
	control_add_thread(facts, &memory, 101, UNKNOWN);
	expect("13e80-18000 +0 101\n");
}

Test(stacks, a_number_in_musl_of_a_thread_that_is_found_ends_the_search)
{
	make(TWO, 8);
	put_musl(&musl_x86_64, 0x17f00, 101, 0x10000);
	put(&musl_x86_64, 0x27f00, 101, 0x20000, 0x8000, 0x27000, 0x6000);
	memory_put(&memory, 0x27f00 + 0x38, 4, 102);
	control_add_thread(facts, &memory, 102, UNKNOWN);
	expect("10000-18000 +1000 101\n");
}

Test(stacks, the_number_in_musl_is_not_the_canary_nor_what_follows)
{
	make(TWO, 8);
	put(&musl_x86_64, 0x17f00, 0, 0x10000, 0x8000, 0x17000, 0x6000);
	memory_put(&memory, 0x17f00 + 0x18, 4, 101);
	put(&musl_x86_64, 0x27f00, 0, 0x20000, 0x8000, 0x27000, 0x6000);
	memory_put(&memory, 0x27f00 + 0x40, 4, 101);
	control_add_thread(facts, &memory, 101, UNKNOWN);
	expect("");
}
