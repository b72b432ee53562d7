/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "output/xml.h"

#define R "\xef\xbf\xbd" /* U+FFFD */

static void expect(const char *text, size_t len, const char *expected)
{
	static struct out out;
	_cleanup_free_ char *written = NULL;
	size_t written_len;
	FILE *file = open_memstream(&written, &written_len);

	out_init(&out, file);
	xml_text(&out, text, len);
	cr_assert_eq(out_flush(&out), 0);
	fclose(file);
	cr_expect_str_eq(written, expected);
}

#define EXPECT(text, expected) expect(text, sizeof(text) - 1, expected)

Test(xml, what_is_plain_stays)
{
	EXPECT("", "");
	EXPECT("libc.so.6 (deleted)", "libc.so.6 (deleted)");
	EXPECT("\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80", "\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80");
}

Test(xml, markup_is_escaped)
{
	EXPECT("<a b='c' d=\"e\">&amp;]]>", "&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;amp;]]&gt;");
}

Test(xml, what_xml_forbids_or_hides_text_is_replaced)
{
	EXPECT("a\x1b[31m\nb\tc\x7f", "a" R "[31m" R "b" R "c" R);
	EXPECT("a\0b", "a" R "b");
	EXPECT("\xef\xbf\xbe\xef\xbf\xbf", R R);
	EXPECT("\xe2\x80\xae", R);
	EXPECT("\xc2\x9b", R);
}

Test(xml, what_is_not_utf_8_is_replaced_byte_by_byte)
{
	EXPECT("\xff\xe9z", R R "z");
	EXPECT("\xed\xa0\x80", R R R);
	EXPECT("caf\xc3", "caf" R);
}
