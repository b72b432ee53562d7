/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "analysis/divide_counters.h"
#include "space.h"

static const struct file program = {
	.path = "/bin/p",
	.segments = {
		{ 0x0000, 0x0000, 0x0628, 0x0628, R_X },
		{ 0x1000, 0x1000, 0x0c00, 0x2000, RW_ },
	},
};

static struct space space;

/* Mapping 1 holds data, 0xc00 bytes, and .bss, 0x1400; the others hold one region each. */
static void set_up(void)
{
	space_map(&space, "10000-11000 r-xp 00000000 fe:00 7 /bin/p\n"
			  "11000-13000 rw-p 00001000 fe:00 7 /bin/p\n"
			  "20000-21000 rw-p 00000000 00:00 0\n");
	space_add_file(&space, &program);
	space_classify(&space);
	space_expect(&space, "10000-11000 text segment #0 +9d8\n"
			     "11000-11c00 data segment #0\n"
			     "11c00-13000 bss segment #0\n"
			     "20000-21000 anon perms\n");
	usage_init(&space.facts.usage,
		   COUNTER_BIT(COUNTER_PSS) | COUNTER_BIT(COUNTER_SWAP) | COUNTER_BIT(COUNTER_KERNELPAGESIZE),
		   false);
	usage_set_rows(&space.facts.usage, space.facts.n_mappings);
}

static void tear_down(void)
{
	space_done(&space);
}

TestSuite(share_counters, .init = set_up, .fini = tear_down);

static void set(size_t mapping, enum counter counter, uint64_t value)
{
	usage_row(&space.facts.usage, mapping)[usage_slot(&space.facts.usage, counter)] = value;
}

static uint64_t get(size_t region, enum counter counter)
{
	return region_counter(&space, &space.judgement.regions[region], counter);
}

Test(share_counters, only_what_is_divided_is_apportioned)
{
	cr_assert_not(is_divided(&space.judgement, 0));
	cr_assert(is_divided(&space.judgement, 1));
	cr_assert(is_divided(&space.judgement, 2));
	cr_assert_not(is_divided(&space.judgement, 3));
	set(0, COUNTER_PSS, 77);
	set(2, COUNTER_PSS, 99);
	divide_counters(&space.facts.usage, NULL, &space.judgement);
	cr_assert_eq(get(0, COUNTER_PSS), 77);
	cr_assert_eq(get(3, COUNTER_PSS), 99);
	cr_assert_not(is_apportioned(&space, &space.judgement.regions[3]));
	cr_assert(is_apportioned(&space, &space.judgement.regions[1]));
}

Test(share_counters, by_what_was_counted)
{
	const struct page_count counts[] = { { 4096, 8192 }, { 12288, 0 } };

	set(1, COUNTER_PSS, 1000);
	set(1, COUNTER_SWAP, 8192);
	divide_counters(&space.facts.usage, counts, &space.judgement);
	cr_assert_eq(get(1, COUNTER_PSS), 250);
	cr_assert_eq(get(2, COUNTER_PSS), 750);
	cr_assert_eq(get(1, COUNTER_SWAP), 8192);
	cr_assert_eq(get(2, COUNTER_SWAP), 0);
}

Test(share_counters, by_size_where_nothing_was_counted)
{
	set(1, COUNTER_PSS, 8192);
	divide_counters(&space.facts.usage, NULL, &space.judgement);
	cr_assert_eq(get(1, COUNTER_PSS), 0xc00);
	cr_assert_eq(get(2, COUNTER_PSS), 0x1400);
}

/* The process has changed between the two readings. */
Test(share_counters, by_size_where_no_page_goes_with_the_counter)
{
	const struct page_count counts[] = { { 0, 0 }, { 0, 0 } };

	set(1, COUNTER_PSS, 8192);
	divide_counters(&space.facts.usage, counts, &space.judgement);
	cr_assert_eq(get(1, COUNTER_PSS), 0xc00);
	cr_assert_eq(get(2, COUNTER_PSS), 0x1400);
}

Test(share_counters, nothing_is_lost)
{
	const struct page_count counts[] = { { 4096, 0 }, { 8192, 0 } };

	for (uint64_t counter = 0; counter < 100; counter++) {
		set(1, COUNTER_PSS, counter);
		divide_counters(&space.facts.usage, counts, &space.judgement);
		cr_assert_eq(get(1, COUNTER_PSS) + get(2, COUNTER_PSS), counter);
		tear_down();
		set_up();
	}
	set(1, COUNTER_PSS, UNKNOWN - 1);
	divide_counters(&space.facts.usage, counts, &space.judgement);
	cr_assert_eq(get(1, COUNTER_PSS) + get(2, COUNTER_PSS), UNKNOWN - 1);
}

/* Products of more than 64 bits; the last column is exact: it was computed with unlimited integers. */
Test(share_counters, large_counters_are_divided_exactly)
{
	static const struct {
		uint64_t counter, weights[2], first;
	} cases[] = {
		{ 0xfffffffffffffffe, { 0x1000, 0x2000 }, 0x5555555555555554 },
		{ 0xfffffffffffffffe, { 0x1, 0xfffffffffffffffe }, 0x0 },
		{ 0xfffffffffffffffe, { 0xfffffffffffffffe, 0x1 }, 0xfffffffffffffffd },
		{ 0xfffffffffffffffe, { 0x7fffffffffffffff, 0x8000000000000000 }, 0x7ffffffffffffffe },
		{ 0xfffffffffffffffe, { 0x0, 0xffffffffffffffff }, 0x0 },
		{ 0xfffffffffffffffe, { 0xffffffffffffffff, 0x0 }, 0xfffffffffffffffe },
		{ 0x200000000, { 0x200000000, 0x200000001 }, 0xffffffff },
		{ 0x100000000, { 0xffffffff, 0x1 }, 0xffffffff },
		{ 0x800000000000, { 0x400000001000, 0x3ffffffff000 }, 0x400000001000 },
		{ 0xb0c11fdecb91ce37, { 0x4164d8399f767c45, 0x5bc8fbbcbde5c099 }, 0x4989c818dc72a2d7 },
		{ 0x2827688de6a16a3b, { 0x3fc1ea36f17fd374, 0xd464138a6233255 }, 0x213c05872009751e },
		{ 0x1a1afe878b33e968, { 0x5f2dd97f1cfb10f6, 0x617959ce3f1f65a8 }, 0xce5b1461d11c361 },
		{ 0x2e9c82b1478c281d, { 0x3fd4235992edcf45, 0x687c966c377b9aa2 }, 0x11ad0e2cd3e27ae6 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct page_count counts[] = { { cases[i].weights[0], 0 }, { cases[i].weights[1], 0 } };

		set(1, COUNTER_PSS, cases[i].counter);
		divide_counters(&space.facts.usage, counts, &space.judgement);
		cr_assert_eq(get(1, COUNTER_PSS), cases[i].first, "%zu", i);
		cr_assert_eq(get(2, COUNTER_PSS), cases[i].counter - cases[i].first, "%zu", i);
		tear_down();
		set_up();
	}
}

Test(share_counters, properties_and_what_is_unknown_are_the_same_for_all)
{
	set(1, COUNTER_KERNELPAGESIZE, 4096);
	divide_counters(&space.facts.usage, NULL, &space.judgement);
	cr_assert_eq(get(1, COUNTER_KERNELPAGESIZE), 4096);
	cr_assert_eq(get(2, COUNTER_KERNELPAGESIZE), 4096);
	cr_assert_eq(get(1, COUNTER_SWAP), UNKNOWN);
	cr_assert_eq(get(2, COUNTER_SWAP), UNKNOWN);
}
