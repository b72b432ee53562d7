/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Escaping the first text that is not ASCII looks up the locale. */
static void use_locale(const char *name)
{
	setenv("LC_ALL", name, 1);
	free(text_escape("ü", 2, TEXT_TABLE));
}

static void use_utf8(void)
{
	use_locale("C.UTF-8");
}

static void use_ascii(void)
{
	use_locale("C");
}

static void expect_escaped(const char *text, enum text_escape how, const char *escaped)
{
	_cleanup_free_ char *got = text_escape(text, strlen(text), how);

	cr_expect_str_eq(got, escaped);
}

Test(text, what_is_safe_stays_as_it_is, .init = use_utf8)
{
	expect_escaped("/usr/bin/cat", TEXT_TABLE, "/usr/bin/cat");
	expect_escaped("/tmp/a b", TEXT_TABLE, "/tmp/a b");
	expect_escaped("/tmp/a\\012b", TEXT_TABLE, "/tmp/a\\012b");
	expect_escaped("/tmp/Ünï/漢字", TEXT_TABLE, "/tmp/Ünï/漢字");
}

Test(text, what_a_terminal_would_act_on_is_escaped, .init = use_utf8)
{
	expect_escaped("\x1b[31m", TEXT_TABLE, "\\x1b[31m");
	expect_escaped("a\tb\nc\rd\x7f", TEXT_TABLE, "a\\x09b\\x0ac\\x0dd\\x7f");
	expect_escaped("\xc2\x9b"
		       "31m",
		       TEXT_TABLE, "\\xc2\\x9b31m"); /* CSI as one character */
	expect_escaped("\xe2\x80\xae"
		       "txt",
		       TEXT_TABLE, "\\xe2\\x80\\xaetxt");	       /* right to left */
	expect_escaped("\xe2\x80\xa8", TEXT_TABLE, "\\xe2\\x80\\xa8"); /* line separator */
	expect_escaped("a\xff", TEXT_TABLE, "a\\xff");
	expect_escaped("\xed\xa0\x80", TEXT_TABLE, "\\xed\\xa0\\x80"); /* a surrogate */
}

/* Otherwise one name could look like the escaped form of another. */
Test(text, escapes_cannot_be_faked, .init = use_utf8)
{
	expect_escaped("\\x1b", TEXT_TABLE, "\\x5cx1b");
	expect_escaped("\\\\x1b", TEXT_TABLE, "\\\\x5cx1b");
}

Test(text, raw_text_is_one_field, .init = use_utf8)
{
	expect_escaped("/tmp/a b\\c", TEXT_RAW, "/tmp/a\\x20b\\x5cc");
	expect_escaped("\xc2\xa0", TEXT_RAW, "\xc2\xa0"); /* awk does not split there */
}

Test(text, where_the_locale_is_ascii_all_else_is_escaped, .init = use_ascii)
{
	expect_escaped("/tmp/Ü", TEXT_TABLE, "/tmp/\\xc3\\x9c");
}

Test(text, bytes_may_be_0, .init = use_utf8)
{
	_cleanup_free_ char *got = text_escape("a\0b", 3, TEXT_TABLE);

	cr_assert_str_eq(got, "a\\x00b");
}

Test(text, utf8_is_strict)
{
	static const char *const bad[] = {
		"\x80",		"\xc3",		"\xc0\x80",	    "\xc1\xbf",		"\xe0\x80\x80",
		"\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
		"\xff",		"\xe2\x82",	"\xe2(\xa1",
	};

	cr_assert(text_is_utf8("", 0));
	cr_assert(text_is_utf8("a\xc3\x9c\xe2\x82\xac\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf", 14));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		cr_expect_not(text_is_utf8(bad[i], strlen(bad[i])), "number %zu", i);
}

Test(text, unsafe_characters)
{
	static const uint32_t unsafe[] = {
		0,	0x1b,	0x7f,	0x80,	0x9f,	0xad,	0x61c,
		0x200b, 0x200e, 0x2028, 0x202e, 0x2066, 0xfeff, 0xe0001,
	};
	static const uint32_t safe[] = { ' ', '~', 0xa0, 0xdc, 0x6f22, 0x1f600, 0x10ffff };

	for (size_t i = 0; i < ARRAY_SIZE(unsafe); i++)
		cr_expect(text_is_unsafe(unsafe[i]), "U+%04X", unsafe[i]);
	for (size_t i = 0; i < ARRAY_SIZE(safe); i++)
		cr_expect_not(text_is_unsafe(safe[i]), "U+%04X", safe[i]);
}

Test(text, plain)
{
	cr_assert(text_is_plain("/usr/bin/a b~", 13));
	cr_assert_not(text_is_plain("a\\b", 3));
	cr_assert_not(text_is_plain("a\x7f", 2));
	cr_assert_not(text_is_plain("\xc3\x9c", 2));
	cr_assert_not(text_is_plain("a\nb", 3));
}

Test(text, width_in_columns, .init = use_utf8)
{
	cr_assert_eq(text_width("abc"), 3);
	cr_assert_eq(text_width("漢"), 2);
	cr_assert_eq(text_width("e\xcc\x81"), 1); /* e with a combining accent */
}

static void expect_shortened(const char *text, size_t width, const char *expected)
{
	_cleanup_free_ char *got = text_shorten(text, width, false);

	cr_expect_str_eq(got, expected);
	cr_expect_leq(text_width(got), width);
}

Test(text, the_beginning_gives_way, .init = use_utf8)
{
	expect_shortened("/usr/lib/libc.so.6", 18, "/usr/lib/libc.so.6");
	expect_shortened("/usr/lib/libc.so.6", 17, "…sr/lib/libc.so.6");
	expect_shortened("/usr/lib/libc.so.6", 10, "…libc.so.6");
	expect_shortened("漢字漢字", 5, "…漢字");
	expect_shortened("漢字漢字", 4, "…字");
	expect_shortened("abcde\xcc\x81"
			 "fg",
			 3, "…fg");
}

Test(text, the_end_gives_way, .init = use_utf8)
{
	const struct {
		size_t width;
		const char *expected;
	} cases[] = { { 8, "漢字+abc" }, { 7, "漢字+a…" }, { 5, "漢字…" }, { 4, "漢…" }, { 1, "…" } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *got = text_shorten("漢字+abc", cases[i].width, true);

		cr_expect_str_eq(got, cases[i].expected);
	}
}

Test(text, the_mark_is_ascii_where_all_is, .init = use_ascii)
{
	expect_shortened("/usr/lib/libc.so.6", 10, "<libc.so.6");
}

Test(text, sizes)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} sizes[] = {
		{ 0, "0B" },
		{ 1, "1B" },
		{ 1023, "1023B" },
		{ 1024, "1K" },
		{ 1536, "1.5K" },
		{ 2048 + 51, "2K" },
		{ 2048 + 52, "2.1K" },
		{ 102399, "100K" },
		{ 99 * 1024 + 900, "99.9K" },
		{ 101 * 1024 + 512, "102K" },
		{ 1048575, "1M" },
		{ 1048576, "1M" },
		{ UINT64_C(5) << 30, "5G" },
		{ UINT64_C(1) << 40, "1T" },
		{ UINT64_C(1) << 50, "1P" },
		{ UINT64_MAX - 1, "16E" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		char buf[8];
		size_t len = text_size(buf, sizes[i].bytes);

		cr_assert_leq(len, 6);
		buf[len] = '\0';
		cr_expect_str_eq(buf, sizes[i].text);
	}
}

Test(text, numbers)
{
	static const char *const bad[] = { "", " 1", "1 ", "+1", "-1", "1x", "18446744073709551616" };
	uint64_t value;

	cr_assert(text_parse_u64("18446744073709551615", 10, &value));
	cr_assert_eq(value, UINT64_MAX);
	cr_assert(text_parse_u64("007", 10, &value));
	cr_assert_eq(value, 7);
	cr_assert(text_parse_u64("7fFf", 16, &value));
	cr_assert_eq(value, 0x7fff);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		cr_expect_not(text_parse_u64(bad[i], 10, &value), "%s", bad[i]);
}

Test(text, devices_as_in_maps)
{
	static const uint32_t numbers[] = { 0, 1, 0xf, 0x10, 0xff, 0x100, 0xfffff, UINT32_MAX };

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		for (size_t k = 0; k < ARRAY_SIZE(numbers); k++) {
			char expected[32], got[32] = "";

			snprintf(expected, sizeof(expected), "%02x:%02x", numbers[i], numbers[k]);
			got[text_device(got, numbers[i], numbers[k])] = '\0';
			cr_expect_str_eq(got, expected);
		}
}
