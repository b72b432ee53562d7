/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include "space.h"
#include "views/views.h"

static const struct file program = {
	.path = "/usr/bin/p",
	.segments = {
		{ 0x0000, 0x0000, 0x0628, 0x0628, R_X },
		{ 0x1800, 0x0800, 0x0040, 0x1000, RW_ },
	},
};

static struct space space;

static void set_up(void)
{
	space_map(&space, "10000-11000 r-xp 00000000 fe:1a 7 /usr/bin/p\n"
			  "11000-12000 rw-p 00000000 fe:1a 7 /usr/bin/p\n"
			  "12000-14000 rw-p 00000000 00:00 0\n"
			  "20000-21000 rw-s 00003000 00:01 9 /memfd:x (deleted)\n");
	space_add_file(&space, &program);
	space_classify(&space);
	space_expect(&space, "10000-11000 text segment #0 +9d8\n"
			     "11000-11840 data segment #0 +800\n"
			     "11840-12000 bss segment #0\n"
			     "12000-13000 bss segment #0 +800\n"
			     "13000-14000 anon perms\n"
			     "20000-21000 file perms\n");
}

static void tear_down(void)
{
	space_done(&space);
}

TestSuite(column, .init = set_up, .fini = tear_down);

static struct cell get(const char *name, size_t region)
{
	const struct column *column = column_find(view_regions.columns, name, strlen(name));

	cr_assert_not_null(column, "%s", name);
	return column_cell(column,
			   &(struct row){ .data = &space.judgement.regions[region], .space = &space });
}

static void expect_text(const char *column, size_t region, const char *text)
{
	struct cell cell = get(column, region);

	cr_assert_not_null(cell.text, "%s", column);
	cr_expect_eq(cell.len, strlen(text), "%s: %.*s", column, (int)cell.len, cell.text);
	cr_expect_eq(memcmp(cell.text, text, strlen(text)), 0, "%s: %.*s", column, (int)cell.len, cell.text);
}

Test(column, what_a_region_has)
{
	cr_expect_eq(get("START", 2).number, 0x11840);
	cr_expect_eq(get("END", 2).number, 0x12000);
	cr_expect_eq(get("SIZE", 2).number, 0x7c0);
	cr_expect_eq(get("PADDING", 0).number, 0x9d8);
	expect_text("PERMS", 0, "r-xp");
	expect_text("KIND", 2, "bss");
	expect_text("BASIS", 2, "segment");
	expect_text("NAME", 2, "/usr/bin/p");
	expect_text("MODULE", 2, "p");
	cr_expect_eq(get("INODE", 2).number, 7);
	cr_expect_eq(get("DEV", 2).number, UINT64_C(0xfe) << 32 | 0x1a);
}

Test(column, the_offset_is_that_of_the_regions_first_byte)
{
	cr_expect_eq(get("OFFSET", 1).number, 0);
	cr_expect_eq(get("OFFSET", 2).number, 0x840);
	cr_expect_eq(get("OFFSET", 5).number, 0x3000);
}

Test(column, anonymous_bss_is_called_by_its_module)
{
	expect_text("NAME", 3, "/usr/bin/p");
	expect_text("MODULE", 3, "p");
}

Test(column, pages_belong_to_the_region_that_holds_their_first_byte)
{
	cr_expect_eq(get("PAGES", 0).number, 1);
	cr_expect_eq(get("PAGES", 1).number, 1);
	cr_expect_eq(get("PAGES", 2).number, 0);
}

Test(column, the_first_page_of_all_is_one)
{
	struct space low;
	const struct column *pages = column_find(view_regions.columns, "PAGES", 5);

	space_map(&low, "0-2000 rw-p 00000000 00:00 0\n");
	space_classify(&low);
	cr_expect_eq(
		column_cell(pages, &(struct row){ .data = &low.judgement.regions[0], .space = &low }).number,
		2);
	space_done(&low);
}

Test(column, what_is_unknown)
{
	cr_expect_eq(get("OFFSET", 4).number, UNKNOWN);
	cr_expect_eq(get("DEV", 4).number, UNKNOWN);
	cr_expect_eq(get("INODE", 4).number, UNKNOWN);
	cr_expect_null(get("NAME", 4).text);
	cr_expect_null(get("MODULE", 4).text);
	cr_expect_null(get("FILE", 4).text);
	cr_expect_null(get("BUILDID", 0).text);
}

Test(column, names_in_any_case)
{
	cr_assert_not_null(column_find(view_regions.columns, "START", 5));
	cr_assert_eq(column_find(view_regions.columns, "start", 5),
		     column_find(view_regions.columns, "START,END", 5));
	cr_assert_null(column_find(view_regions.columns, "STAR", 4));
	cr_assert_null(column_find(view_regions.columns, "STARTS", 6));
	cr_assert_null(column_find(view_regions.columns, "", 0));
}

Test(column, order)
{
	const struct cell unknown = { .number = UNKNOWN };
	const struct cell zero = { .number = 0 };
	const struct cell most = { .number = UNKNOWN - 1 };
	const struct cell none = { .text = NULL };
	const struct cell ab = { .text = "ab", .len = 2 };
	const struct cell abc = { .text = "abc", .len = 3 };

	cr_expect_lt(cell_compare(CELL_SIZE, &unknown, &zero), 0);
	cr_expect_lt(cell_compare(CELL_SIZE, &zero, &most), 0);
	cr_expect_gt(cell_compare(CELL_SIZE, &most, &unknown), 0);
	cr_expect_eq(cell_compare(CELL_SIZE, &unknown, &unknown), 0);
	cr_expect_lt(cell_compare(CELL_NAME, &none, &ab), 0);
	cr_expect_lt(cell_compare(CELL_NAME, &ab, &abc), 0);
	cr_expect_gt(cell_compare(CELL_NAME, &abc, &ab), 0);
	cr_expect_eq(cell_compare(CELL_NAME, &none, &none), 0);
}

Test(column, access_as_in_maps)
{
	cr_expect_str_eq(perms_text(0), "---p");
	cr_expect_str_eq(perms_text(PERM_X), "--xp");
	cr_expect_str_eq(perms_text(PERM_R | PERM_W), "rw-p");
	cr_expect_str_eq(perms_text(PERM_R | PERM_W | PERM_X | PERM_SHARED), "rwxs");
}

/* ---- fields ---- */

struct inner {
	int32_t tid;
	const char *name;
};

struct outer {
	uint64_t large;
	uint32_t middle;
	uint8_t small;
	bool is_true;
	int32_t number;
	char *text;
	const struct inner *inner;
};

static struct cell field(const struct column *column, const struct outer *outer)
{
	return column_cell(column, &(struct row){ .data = outer });
}

#define NUMBER(...) (&(const struct column){ "N", CELL_NUMBER, .field = __VA_ARGS__ })

Test(field, every_type)
{
	char text[] = "out";
	const struct inner inner = { 7, "in" };
	struct outer outer = { UINT64_MAX - 1, UINT32_MAX, 255, true, 5, text, &inner };

	cr_expect_eq(field(NUMBER(FIELD(struct outer, large)), &outer).number, UINT64_MAX - 1);
	cr_expect_eq(field(NUMBER(FIELD(struct outer, middle)), &outer).number, UINT32_MAX);
	cr_expect_eq(field(NUMBER(FIELD(struct outer, small)), &outer).number, 255);
	cr_expect_eq(field(NUMBER(FIELD(struct outer, is_true)), &outer).number, 1);
	cr_expect_eq(field(NUMBER(FIELD(struct outer, number)), &outer).number, 5);
	cr_expect_str_eq(field(NUMBER(FIELD(struct outer, text)), &outer).text, "out");
	cr_expect_eq(field(NUMBER(FIELD_BEHIND(struct outer, inner, tid)), &outer).number, 7);
	cr_expect_str_eq(field(NUMBER(FIELD_BEHIND(struct outer, inner, name)), &outer).text, "in");
}

Test(field, what_is_unknown)
{
	struct outer outer = { .large = UNKNOWN, .number = -1 };

	cr_expect_eq(field(NUMBER(FIELD(struct outer, large)), &outer).number, UNKNOWN);
	cr_expect_eq(field(NUMBER(FIELD(struct outer, number)), &outer).number, UNKNOWN);
	cr_expect_null(field(NUMBER(FIELD(struct outer, text)), &outer).text);
	cr_expect_eq(field(NUMBER(FIELD_BEHIND(struct outer, inner, tid)), &outer).number, UNKNOWN);
	cr_expect_null(field(NUMBER(FIELD_BEHIND(struct outer, inner, name)), &outer).text);
}

Test(field, words)
{
	static const char *const words[] = { "no", "yes", NULL };
	const struct column column = { "W", CELL_ANSWER, .field = FIELD(struct outer, small),
				       .words = words };

	cr_expect_str_eq(field(&column, &(struct outer){ .small = 0 }).text, "no");
	cr_expect_str_eq(field(&column, &(struct outer){ .small = 1 }).text, "yes");
	cr_expect_null(field(&column, &(struct outer){ .small = 2 }).text);
}

Test(counter, every_place_is_taken)
{
	for (enum counter f = 0; f < N_COUNTERS; f++) {
		cr_expect_eq(counters[f].key != NULL, f < N_KERNEL_COUNTERS, "%d", f);
		cr_expect_eq(counters[f].parts == 0, f < N_KERNEL_COUNTERS, "%d", f);
		cr_expect_eq(counters[f].name == NULL, f == COUNTER_KERNEL_RSS, "%d", f);
	}
}

Test(column, percent)
{
	cr_expect_eq(cell_percent(1, 3), 33);
	/* 49.75 percent: never rounded up. */
	cr_expect_eq(cell_percent(5000, 10050), 49);
	cr_expect_eq(cell_percent(UINT64_MAX / 2, UINT64_MAX - 1), 50);
	cr_expect_eq(cell_percent(3, 2), 150);
	/* A hundred times these overflows. */
	cr_expect_eq(cell_percent(UINT64_C(1) << 62, 3), UNKNOWN);
	cr_expect_eq(cell_percent(UINT64_C(1) << 62, 1), UNKNOWN);
	cr_expect_eq(cell_percent(UINT64_C(3) << 60, UINT64_C(1) << 61), 150);
	cr_expect_eq(cell_percent(UINT64_C(1) << 60, 150), (UINT64_C(1) << 60) / 3 * 2);
	cr_expect_eq(cell_percent(3, 0), UNKNOWN);
	cr_expect_eq(cell_percent(UNKNOWN, 3), UNKNOWN);
	cr_expect_eq(cell_percent(3, UNKNOWN), UNKNOWN);
}
