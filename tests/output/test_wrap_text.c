/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "output/wrap_text.h"

static void expect(const char *text, size_t at, size_t indent, size_t width, const char *expected)
{
	static struct out out;
	_cleanup_free_ char *written = NULL;
	size_t len;
	FILE *file = open_memstream(&written, &len);

	out_init(&out, file);
	out_wrapped(&out, text, at, indent, width);
	cr_assert_eq(out_flush(&out), 0);
	fclose(file);
	cr_expect_str_eq(written, expected);
}

Test(wrap_text, no_width_is_no_limit)
{
	expect("one two three", 0, 2, 0, "one two three");
}

Test(wrap_text, lines_break_at_blanks)
{
	expect("one two three", 0, 2, 7, "one two\n  three");
	expect("one two three", 1, 2, 7, "one\n  two\n  three");
}

Test(wrap_text, a_long_word_stays_whole)
{
	expect("a incomprehensible b", 0, 0, 5, "a\nincomprehensible\nb");
}

Test(wrap_text, blanks_stay_as_they_are)
{
	expect("a  b", 0, 0, 9, "a  b");
	expect("", 3, 0, 9, "");
}
