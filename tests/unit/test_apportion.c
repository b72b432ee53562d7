/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "analysis/divide.h"
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
		   FIGURE_BIT(FIGURE_PSS) | FIGURE_BIT(FIGURE_SWAP) | FIGURE_BIT(FIGURE_KERNELPAGESIZE),
		   false);
	usage_set_rows(&space.facts.usage, space.facts.n_mappings);
}

static void tear_down(void)
{
	space_done(&space);
}

TestSuite(apportion, .init = set_up, .fini = tear_down);

static void set(size_t mapping, enum figure figure, uint64_t value)
{
	usage_row(&space.facts.usage, mapping)[usage_slot(&space.facts.usage, figure)] = value;
}

static uint64_t get(size_t region, enum figure figure)
{
	return region_figure(&space, &space.judgement.regions[region], figure);
}

Test(apportion, only_what_is_divided_is_apportioned)
{
	cr_assert_not(is_divided(&space.judgement, 0));
	cr_assert(is_divided(&space.judgement, 1));
	cr_assert(is_divided(&space.judgement, 2));
	cr_assert_not(is_divided(&space.judgement, 3));
	set(0, FIGURE_PSS, 77);
	set(2, FIGURE_PSS, 99);
	divide_figures(&space.facts.usage, NULL, &space.judgement);
	cr_assert_eq(get(0, FIGURE_PSS), 77);
	cr_assert_eq(get(3, FIGURE_PSS), 99);
	cr_assert_not(is_apportioned(&space, &space.judgement.regions[3]));
	cr_assert(is_apportioned(&space, &space.judgement.regions[1]));
}

Test(apportion, by_what_was_counted)
{
	const struct page_count counts[] = { { 4096, 8192 }, { 12288, 0 } };

	set(1, FIGURE_PSS, 1000);
	set(1, FIGURE_SWAP, 8192);
	divide_figures(&space.facts.usage, counts, &space.judgement);
	cr_assert_eq(get(1, FIGURE_PSS), 250);
	cr_assert_eq(get(2, FIGURE_PSS), 750);
	cr_assert_eq(get(1, FIGURE_SWAP), 8192);
	cr_assert_eq(get(2, FIGURE_SWAP), 0);
}

Test(apportion, by_size_where_nothing_was_counted)
{
	set(1, FIGURE_PSS, 8192);
	divide_figures(&space.facts.usage, NULL, &space.judgement);
	cr_assert_eq(get(1, FIGURE_PSS), 0xc00);
	cr_assert_eq(get(2, FIGURE_PSS), 0x1400);
}

/* The process has changed between the two readings. */
Test(apportion, by_size_where_no_page_goes_with_the_figure)
{
	const struct page_count counts[] = { { 0, 0 }, { 0, 0 } };

	set(1, FIGURE_PSS, 8192);
	divide_figures(&space.facts.usage, counts, &space.judgement);
	cr_assert_eq(get(1, FIGURE_PSS), 0xc00);
	cr_assert_eq(get(2, FIGURE_PSS), 0x1400);
}

Test(apportion, nothing_is_lost)
{
	const struct page_count counts[] = { { 4096, 0 }, { 8192, 0 } };

	for (uint64_t figure = 0; figure < 100; figure++) {
		set(1, FIGURE_PSS, figure);
		divide_figures(&space.facts.usage, counts, &space.judgement);
		cr_assert_eq(get(1, FIGURE_PSS) + get(2, FIGURE_PSS), figure);
		tear_down();
		set_up();
	}
	set(1, FIGURE_PSS, UNKNOWN - 1);
	divide_figures(&space.facts.usage, counts, &space.judgement);
	cr_assert_eq(get(1, FIGURE_PSS) + get(2, FIGURE_PSS), UNKNOWN - 1);
}

Test(apportion, properties_and_what_is_unknown_are_the_same_for_all)
{
	set(1, FIGURE_KERNELPAGESIZE, 4096);
	divide_figures(&space.facts.usage, NULL, &space.judgement);
	cr_assert_eq(get(1, FIGURE_KERNELPAGESIZE), 4096);
	cr_assert_eq(get(2, FIGURE_KERNELPAGESIZE), 4096);
	cr_assert_eq(get(1, FIGURE_SWAP), UNKNOWN);
	cr_assert_eq(get(2, FIGURE_SWAP), UNKNOWN);
}
