/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "output/bar.h"

static const struct table_style ascii = { .width = 80 };
static const struct table_style blocks = { .is_utf8 = true };
static const struct table_style coloured = { .is_utf8 = true, .colour = true };

static void expect_bar(const struct bar_part *parts, size_t n, size_t eighths,
		       const struct table_style *style, const char *bar)
{
	static struct out out;
	char *text = NULL;
	size_t len;
	FILE *file = open_memstream(&text, &len);

	out_init(&out, file);
	bar_put(&out, parts, n, eighths, style);
	out_flush(&out);
	fclose(file);
	cr_expect_str_eq(text, bar);
	free(text);
}

Test(bar, twice_as_long_is_four_times_as_large)
{
	cr_expect_eq(bar_length(1024, 1024, 40), 320);
	cr_expect_eq(bar_length(256, 1024, 40), 160);
	cr_expect_eq(bar_length(64, 1024, 40), 80);
	cr_expect_eq(bar_length(UINT64_MAX, UINT64_MAX, 300), 2400);
	cr_expect_eq(bar_length(UINT64_MAX / 4, UINT64_MAX, 300), 1200);
}

Test(bar, the_smallest_is_seen_and_the_largest_fits)
{
	cr_expect_eq(bar_length(1, UINT64_MAX, 40), 1);
	cr_expect_eq(bar_length(2048, 1024, 40), 320);
	cr_expect_eq(bar_length(1, 0, 40), 320);
}

Test(bar, columns_are_shared_by_size)
{
	static const struct bar_part parts[] = { { 100, 0 }, { 300, 1 }, { 0, 2 }, { 1, 3 } };
	size_t widths[4];

	bar_share(parts, 4, 40, widths);
	cr_expect_eq(widths[0], 10);
	cr_expect_eq(widths[1], 29);
	cr_expect_eq(widths[2], 0);
	cr_expect_eq(widths[3], 1);
}

/* However few columns there are, all of them are used, and no more. */
Test(bar, no_column_is_lost)
{
	static const struct bar_part parts[] = {
		{ 7, 0 }, { 1, 1 }, { 90, 2 }, { 3, 3 }, { 0, 4 }, { 2, 5 }
	};

	for (size_t columns = 1; columns < 50; columns++) {
		size_t widths[6];
		size_t sum = 0;

		bar_share(parts, 6, columns, widths);
		for (size_t i = 0; i < 6; i++)
			sum += widths[i];
		cr_expect_eq(sum, columns, "%zu of %zu", sum, columns);
	}
}

Test(bar, letters_tell_kinds_apart_and_so_do_colours)
{
	static const struct bar_part parts[] = { { 1, FILL_KIND + KIND_TEXT }, { 1, FILL_KIND + KIND_DATA } };

	expect_bar(parts, 2, 32, &ascii, "ttdd");
	expect_bar(parts, 2, 32, &blocks, "ttdd");
	expect_bar(parts, 2, 32, &coloured, "\033[32m██\033[0m\033[35m██\033[0m");
}

Test(bar, one_kind_is_drawn_to_the_eighth)
{
	static const struct bar_part part = { 1, FILL_KIND + KIND_BSS };

	expect_bar(&part, 1, 19, &blocks, "██▍");
	expect_bar(&part, 1, 1, &blocks, "▏");
	expect_bar(&part, 1, 19, &ascii, "bb");
	expect_bar(&part, 1, 1, &ascii, "b");
}

Test(bar, what_is_in_memory_has_shades)
{
	static const struct bar_part parts[] = {
		{ 1, FILL_PRIVATE }, { 1, FILL_SHARED }, { 1, FILL_SWAPPED }, { 1, FILL_ABSENT }
	};

	expect_bar(parts, 4, 64, &ascii, "OOooss..");
	expect_bar(parts, 4, 64, &blocks, "██▓▓▒▒░░");
}
