/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "output/svg.h"

static struct out out;

static void expect_text(const char *text, double width, const char *expected)
{
	_cleanup_free_ char *written = NULL;
	_cleanup_free_ char *whole = NULL;
	size_t len;
	FILE *file = open_memstream(&written, &len);

	out_init(&out, file);
	svg_text(&out, "c", 1.5, -2.25, width, 10, text, strlen(text));
	cr_assert_eq(out_flush(&out), 0);
	fclose(file);
	if (*expected)
		cr_assert_gt(
			asprintf(&whole,
				 "<text aria-hidden=\"true\" class=\"c\" x=\"1.5\" y=\"-2.25\">%s</text>",
				 expected),
			0);
	cr_expect_str_eq(written, whole ? whole : "");
}

Test(svg, text_that_fits)
{
	cr_expect_eq((int)(svg_text_width("abcd", 4, 10) * 10 + 0.5), 260);
	expect_text("abcd", 26, "abcd");
	expect_text("a", 7, "a");
	expect_text("", 0, "");
}

Test(svg, text_that_does_not_fit_loses_its_end)
{
	expect_text("abcdefgh", 36, "abcd\xe2\x80\xa6");
	expect_text("abcdefgh", 25, "");
	expect_text("abcdefgh", 0, "");
	expect_text("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 31, "\xc3\xa9\xc3\xa9\xc3\xa9\xe2\x80\xa6");
}

Test(svg, lengths_have_hundredths)
{
	_cleanup_free_ char *written = NULL;
	const struct svg_box box = { 0, 0.05, 1000000.999, 12.3 };
	size_t len;
	FILE *file = open_memstream(&written, &len);

	out_init(&out, file);
	svg_rect(&out, "a b", &box);
	cr_assert_eq(out_flush(&out), 0);
	fclose(file);
	cr_expect_str_eq(written,
			 "<rect class=\"a b\" x=\"0\" y=\"0.05\" width=\"1000001\" height=\"12.3\"/>");
}
