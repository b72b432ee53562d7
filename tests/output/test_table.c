/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "space.h"
#include "views/views.h"

static void expect_yielding(const char *columns, size_t n_yielding, const struct table_style *style,
			    const char *expected)
{
	static struct out out;
	const struct column *chosen[8];
	struct space space;
	const struct space *spaces[] = { &space };
	struct view view;
	struct table table = { .columns = chosen, .n_yielding = n_yielding, .rows = &view.rows };
	_cleanup_free_ char *text = NULL;
	size_t len;
	FILE *file = open_memstream(&text, &len);

	space_map(&space, "1000-2000 rw-p 00000000 00:00 0\n"
			  "7f0000000000-7f0000180000 r--p 00000000 fe:00 7 /usr/lib/a name\n");
	space_classify(&space);
	view_build(&view, spaces, 1, &(struct view_spec){ 0 });
	while (*columns) {
		size_t n = strcspn(columns, ",");

		chosen[table.n_columns++] = column_find(view_regions.columns, columns, n);
		columns += n + (columns[n] == ',');
	}
	out_init(&out, file);
	table_print(&out, &table, style);
	cr_assert_eq(out_flush(&out), 0);
	fclose(file);
	cr_expect_str_eq(text, expected);
	view_done(&view);
	space_done(&space);
}

static void expect(const char *columns, const struct table_style *style, const char *expected)
{
	expect_yielding(columns, 0, style, expected);
}

Test(table, numbers_stand_right_and_text_left)
{
	expect("START,SIZE,KIND,INODE,NAME", &(struct table_style){ 0 },
	       "       START SIZE KIND INODE NAME\n"
	       "        1000   4K anon     -\n"
	       "7f0000000000 1.5M file     7 /usr/lib/a name\n");
}

Test(table, exact_sizes)
{
	expect("SIZE,KIND", &(struct table_style){ .bytes = true },
	       "   SIZE KIND\n"
	       "   4096 anon\n"
	       "1572864 file\n");
}

Test(table, raw_rows_have_one_field_a_column)
{
	expect("START,SIZE,INODE,NAME", &(struct table_style){ .raw = true },
	       "START SIZE INODE NAME\n"
	       "1000 4K - -\n"
	       "7f0000000000 1.5M 7 /usr/lib/a\\x20name\n");
}

Test(table, no_headings)
{
	expect("KIND", &(struct table_style){ .no_headings = true }, "anon\nfile\n");
}

Test(table, a_narrow_terminal_leaves_out_what_is_missed_least)
{
	expect_yielding("START,END,SIZE,PERMS,KIND", 5, &(struct table_style){ .width = 35 },
			"       START SIZE PERMS KIND\n"
			"        1000   4K rw-p  anon\n"
			"7f0000000000 1.5M r--p  file\n");
}

Test(table, columns_that_were_asked_for_stay)
{
	expect_yielding("SIZE,PERMS,KIND,END", 3, &(struct table_style){ .width = 20 },
			"KIND          END\n"
			"anon         2000\n"
			"file 7f0000180000\n");
}

Test(table, what_does_not_fit_may_be_records)
{
	expect("SIZE,KIND,END", &(struct table_style){ .width = 12, .has_records = true },
	       "SIZE  4K\n"
	       "KIND  anon\n"
	       "END   2000\n"
	       "\n"
	       "SIZE  1.5M\n"
	       "KIND  file\n"
	       "END   7f0000180000\n");
}

Test(table, a_narrow_terminal_shortens_names)
{
	setenv("LC_ALL", "C", 1);
	expect("START,NAME", &(struct table_style){ .width = 25 },
	       "       START NAME\n"
	       "        1000\n"
	       "7f0000000000 </lib/a name\n");
}
