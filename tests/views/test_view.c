/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "space.h"
#include "views/views.h"

static struct space space;
static const struct space *const spaces[] = { &space };

static void set_up(void)
{
	space_map(&space, "1000-2000 rw-p 00000000 00:00 0\n"
			  "2000-3000 r-xp 00000000 00:00 0\n"
			  "3000-6000 rw-p 00000000 00:00 0 [heap]\n"
			  "6000-8000 r--p 00000000 fe:00 7 /usr/lib/a.so\n"
			  "8000-9000 r--s 00000000 fe:00 8 /tmp/b\n");
	space_classify(&space);
}

static void tear_down(void)
{
	space_done(&space);
}

TestSuite(view, .init = set_up, .fini = tear_down);

/* `pages`: the first digits of the rows' addresses, in order. */
static void expect(const struct view_spec *spec, const char *pages)
{
	char got[16] = "";
	struct view view;

	view_build(&view, spaces, 1, spec);
	for (size_t i = 0; i < view.rows.n; i++) {
		const struct region *region = rows_get(&view.rows, i).data;

		snprintf(got + i, sizeof(got) - i, "%x", (unsigned)(region->start >> 12));
	}
	cr_expect_str_eq(got, pages);
	cr_expect_eq(view.totals[N_KINDS].regions, view.rows.n, "totals are of what is shown");
	view_done(&view);
}

Test(view, everything)
{
	expect(&(struct view_spec){ 0 }, "12368");
}

Test(view, kinds)
{
	expect(&(struct view_spec){ .selection = { .kinds = 1u << KIND_HEAP | 1u << KIND_JIT } }, "23");
}

Test(view, a_range_has_both_its_ends)
{
	expect(&(struct view_spec){ .selection = { .has_range = true, .low = 0x4000, .high = 0x4000 } }, "3");
	expect(&(struct view_spec){ .selection = { .has_range = true, .low = 0x2fff, .high = 0x3000 } },
	       "23");
	expect(&(struct view_spec){ .selection = { .has_range = true, .low = 0x6000, .high = UINT64_MAX } },
	       "68");
	expect(&(struct view_spec){ .selection = { .has_range = true, .low = 0, .high = 0xfff } }, "");
}

Test(view, access)
{
	expect(&(struct view_spec){ .selection = { .perms = PERM_W, .perms_mask = PERM_W } }, "13");
	expect(&(struct view_spec){ .selection = { .perms = 0, .perms_mask = PERM_W } }, "268");
	expect(&(struct view_spec){ .selection = { .perms = PERM_R, .perms_mask = 0xf } }, "6");
}

Test(view, names_whole_or_by_their_last_component)
{
	expect(&(struct view_spec){ .selection = { .name = "a.so" } }, "6");
	expect(&(struct view_spec){ .selection = { .name = "/usr/*" } }, "6");
	expect(&(struct view_spec){ .selection = { .name = "*" } }, "368");
	expect(&(struct view_spec){ .selection = { .name = "\\[heap]" } }, "3");
	expect(&(struct view_spec){ .selection = { .name = "a" } }, "");
}

Test(view, order)
{
	expect(&(struct view_spec){ .sort = { { column_find(view_regions.columns, "SIZE", 4) } },
				    .n_sort = 1 },
	       "12863");
	expect(&(struct view_spec){ .sort = { { column_find(view_regions.columns, "SIZE", 4), true } },
				    .n_sort = 1 },
	       "36128");
	expect(&(struct view_spec){ .sort = { { column_find(view_regions.columns, "NAME", 4) } },
				    .n_sort = 1 },
	       "12863");
	expect(&(struct view_spec){ .sort = { { column_find(view_regions.columns, "KIND", 4) },
					      { column_find(view_regions.columns, "SIZE", 4), true } },
				    .n_sort = 2 },
	       "16832");
}

Test(view, totals)
{
	struct view view;

	view_build(&view, spaces, 1, &(struct view_spec){ 0 });
	cr_assert_eq(view.totals[KIND_HEAP].regions, 1);
	cr_assert_eq(view.totals[KIND_HEAP].size, 0x3000);
	cr_assert_eq(view.totals[KIND_FILE].regions, 2);
	cr_assert_eq(view.totals[KIND_TEXT].regions, 0);
	cr_assert_eq(view.totals[N_KINDS].size, 0x8000);
	view_done(&view);
}

Test(view, regions_stay_in_the_order_of_addresses_when_rows_are_sorted)
{
	struct view view;

	view_build(&view, spaces, 1,
		   &(struct view_spec){ .sort = { { column_find(view_regions.columns, "SIZE", 4) } },
					.n_sort = 1,
					.selection = { .kinds = 1u << KIND_HEAP | 1u << KIND_FILE } });
	cr_assert_eq(view.n_regions, 3);
	for (size_t i = 0; i < view.n_regions; i++)
		cr_expect_eq(view.regions[i], i + 2);
	cr_expect_eq(rows_get(&view.rows, 0).data, &space.judgement.regions[4]);
	view_done(&view);
}

/* ---- rows of two address spaces ---- */

/* Every region of both spaces, the second one's first. */
static void collect_both(const struct view *view, struct rows *rows)
{
	size_t n[] = { view->spaces[0]->judgement.n_regions, view->spaces[1]->judgement.n_regions };
	struct region *regions = mem_realloc(NULL, n[0] + n[1], sizeof(*regions));

	memcpy(regions, view->spaces[1]->judgement.regions, n[1] * sizeof(*regions));
	memcpy(regions + n[1], view->spaces[0]->judgement.regions, n[0] * sizeof(*regions));
	rows_set(rows, regions, sizeof(*regions), n[0] + n[1], regions);
	rows->spaces = mem_realloc(NULL, rows->n, sizeof(*rows->spaces));
	for (size_t i = 0; i < rows->n; i++)
		rows->spaces[i] = i < n[1];
}

Test(view, each_row_knows_its_space)
{
	static const char *const expected[] = { "/tmp/b", "/usr/lib/a.so", "/usr/lib/other.so", "[heap]", "",
						"" };
	const struct column *name = column_find(view_regions.columns, "NAME", 4);
	struct space other;
	const struct space *const both[] = { &space, &other };
	struct view view;

	space_map(&other, "5000-6000 r--p 00000000 fe:00 9 /usr/lib/other.so\n");
	space_classify(&other);
	view_build(&view, both, 2,
		   &(struct view_spec){ .collect = collect_both,
					.sort = { { column_find(view_regions.columns, "START", 5), true } },
					.n_sort = 1 });
	cr_assert_eq(view.rows.n, ARRAY_SIZE(expected));
	for (size_t i = 0; i < view.rows.n; i++) {
		struct row row = rows_get(&view.rows, i);
		struct cell cell = column_cell(name, &row);

		cr_expect_eq(row.space, i == 2 ? &other : &space);
		cr_expect_eq(cell.len, strlen(expected[i]));
		cr_expect(cell.len == 0 || memcmp(cell.text, expected[i], cell.len) == 0, "%s", expected[i]);
	}
	view_done(&view);
	space_done(&other);
}
