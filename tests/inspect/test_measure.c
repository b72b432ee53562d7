/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "analysis/compare_sums.h"
#include "inspect/measure.h"
#include "memory.h"
#include "space.h"

static const struct file program = {
	.path = "/bin/p",
	.segments = {
		{ 0x0000, 0x0000, 0x0628, 0x0628, R_X },
		{ 0x1000, 0x1000, 0x0c00, 0x2000, RW_ },
	},
};

static struct space space;
static struct memory memory;

/* Mappings 1 and 3 are divided, each into 0xc00 bytes of data and 0x1400 of .bss: regions 1, 2 and 4, 5. */
static void set_up(void)
{
	space_map(&space, "10000-11000 r-xp 00000000 fe:00 7 /bin/p\n"
			  "11000-13000 rw-p 00001000 fe:00 7 /bin/p\n"
			  "20000-21000 r-xp 00000000 fe:00 7 /bin/p\n"
			  "21000-23000 rw-p 00001000 fe:00 7 /bin/p\n");
	space_add_file(&space, &program);
	space_classify(&space);
	space_expect(&space, "10000-11000 text segment #0 +9d8\n"
			     "11000-11c00 data segment #0\n"
			     "11c00-13000 bss segment #0\n"
			     "20000-21000 text segment #1 +9d8\n"
			     "21000-21c00 data segment #1\n"
			     "21c00-23000 bss segment #1\n");
	memory_init(&memory);
	memory.pages_missing = true;
}

static void tear_down(void)
{
	space_done(&space);
}

TestSuite(measure, .init = set_up, .fini = tear_down);

static void map_page(uint64_t addr, uint64_t word)
{
	memory.pages_missing = false;
	memory_map_page(&memory, addr, word);
}

static void want(uint64_t wanted)
{
	usage_init(&space.facts.usage, wanted, false);
	usage_set_rows(&space.facts.usage, space.facts.n_mappings);
}

/* A counter that is not wanted is not kept. */
static void set(size_t mapping, enum counter counter, uint64_t value)
{
	int slot = usage_slot(&space.facts.usage, counter);

	if (slot >= 0)
		usage_row(&space.facts.usage, mapping)[slot] = value;
}

static void expect_pss(size_t region, uint64_t data, uint64_t bss)
{
	cr_expect_eq(region_counter(&space, &space.judgement.regions[region], COUNTER_PSS), data);
	cr_expect_eq(region_counter(&space, &space.judgement.regions[region + 1], COUNTER_PSS), bss);
}

#define USUAL (COUNTER_BIT(COUNTER_KERNEL_RSS) | COUNTER_BIT(COUNTER_SWAP) | COUNTER_BIT(COUNTER_PSS))

/* Sets what smaps has for mapping 1. In the page map, only its second page is present, all of it .bss. */
static void say(uint64_t resident, uint64_t swapped)
{
	map_page(0x12000, PM_PRESENT);
	set(1, COUNTER_PSS, 1000);
	set(1, COUNTER_KERNEL_RSS, resident);
	set(1, COUNTER_SWAP, swapped);
}

Test(measure, nothing_is_counted_where_all_is_resident)
{
	want(USUAL);
	say(0x2000, 0);
	measure_divided(&memory.source, &space.facts, &space.judgement);
	expect_pss(1, 500, 500);
}

Test(measure, pages_are_counted_where_some_are_resident)
{
	want(USUAL);
	say(0x1000, 0);
	measure_divided(&memory.source, &space.facts, &space.judgement);
	expect_pss(1, 0, 1000);
}

/* If a mapping has grown meanwhile, smaps may show it as resident as a whole, and swapped in part. */
Test(measure, pages_are_counted_where_some_are_swapped)
{
	want(USUAL);
	say(0x2000, 0x1000);
	measure_divided(&memory.source, &space.facts, &space.judgement);
	expect_pss(1, 0, 1000);
}

Test(measure, pages_are_counted_where_swap_is_not_known)
{
	want(COUNTER_BIT(COUNTER_KERNEL_RSS) | COUNTER_BIT(COUNTER_PSS));
	say(0x2000, 0);
	measure_divided(&memory.source, &space.facts, &space.judgement);
	expect_pss(1, 0, 1000);
}

/* Pages of hugetlbfs are not part of RSS: it is 0 if nothing else is in memory. */
Test(measure, huge_pages_of_hugetlbfs_are_counted)
{
	static const enum counter huge[] = { COUNTER_SHARED_HUGETLB, COUNTER_PRIVATE_HUGETLB };

	for (size_t i = 0; i < ARRAY_SIZE(huge); i++) {
		want(USUAL | COUNTER_BIT(huge[i]));
		say(0, 0);
		set(1, huge[i], 0x1000);
		measure_divided(&memory.source, &space.facts, &space.judgement);
		expect_pss(1, 0, 1000);
		tear_down();
		set_up();
	}
}

/* Counted pages go to the regions that they were counted for. */
Test(measure, some_are_known_and_some_are_counted)
{
	want(USUAL);
	say(0x2000, 0);
	map_page(0x21000, PM_PRESENT);
	set(3, COUNTER_PSS, 1000);
	set(3, COUNTER_KERNEL_RSS, 0x1000);
	set(3, COUNTER_SWAP, 0);
	measure_divided(&memory.source, &space.facts, &space.judgement);
	expect_pss(1, 500, 500);
	expect_pss(4, 1000, 0);
}

Test(measure, by_size_where_pages_cannot_be_counted)
{
	want(USUAL);
	set(1, COUNTER_PSS, 0x2000);
	set(1, COUNTER_KERNEL_RSS, 0x1000);
	set(1, COUNTER_SWAP, 0);
	measure_divided(&memory.source, &space.facts, &space.judgement);
	expect_pss(1, 0xc00, 0x1400);
}

Test(measure, a_page_map_does_not_count_where_shared_memory_may_be_swapped)
{
	map_page(0x11000, PM_PRESENT);
	want(COUNTER_BIT(COUNTER_KERNEL_RSS) | COUNTER_BIT(COUNTER_SWAP));
	space.facts.hides_swap = true;
	cr_assert_eq(measure_resident(&memory.source, &space.facts, &space.judgement), -ENODATA);
}

Test(measure, what_is_swapped_is_the_sum_where_the_kernel_leaves_shared_memory_out)
{
	want(COUNTER_BIT(COUNTER_SWAP));
	for (size_t i = 0; i < space.facts.n_mappings; i++)
		set(i, COUNTER_SWAP, i * 4096);
	space.facts.process.swapped = 4096;
	sum_swapped(&space);
	cr_assert_eq(space.facts.process.swapped, 4096, "nothing may be left out");
	space.facts.hides_swap = true;
	sum_swapped(&space);
	cr_assert_eq(space.answers.notes.n, 1);
	cr_assert_str_eq(space.answers.notes.items[0].code, "swap-shared");
	cr_assert_neq(space.facts.process.swapped, 4096);
}

Test(measure, what_is_swapped_is_unknown_where_nobody_counted_it)
{
	space.facts.process.swapped = 0;
	space.facts.hides_swap = true;
	sum_swapped(&space);
	cr_assert_eq(space.facts.process.swapped, UNKNOWN);
	cr_assert_eq(space.answers.notes.n, 0);
}
