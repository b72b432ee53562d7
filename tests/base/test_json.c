/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/util.h"
#include "model/facts.h"

static struct out out;
static struct json json;
static char *text;
static size_t len;
static FILE *file;

static void begin(void)
{
	file = open_memstream(&text, &len);
	out_init(&out, file);
	json_init(&json, &out);
}

static void expect(const char *expected)
{
	cr_assert_eq(out_flush(&out), 0);
	fclose(file);
	cr_assert_eq(json.depth, 0);
	cr_assert_str_eq(text, expected);
	free(text);
}

Test(json, nesting, .init = begin)
{
	json_open_object(&json, NULL, false);
	json_number(&json, "a", 1);
	json_open_array(&json, "b", false);
	json_open_object(&json, NULL, true);
	json_number(&json, "c", 2);
	json_word(&json, "d", "e");
	json_close_object(&json);
	json_number(&json, NULL, 3);
	json_close_array(&json);
	json_open_array(&json, "f", false);
	json_close_array(&json);
	json_open_object(&json, "g", true);
	json_close_object(&json);
	json_close_object(&json);
	expect("{\n"
	       "  \"a\": 1,\n"
	       "  \"b\": [\n"
	       "    {\"c\": 2, \"d\": \"e\"},\n"
	       "    3\n"
	       "  ],\n"
	       "  \"f\": [],\n"
	       "  \"g\": {}\n"
	       "}\n");
}

static void open_line(void)
{
	begin();
	json_open_object(&json, NULL, true);
}

static void expect_line(const char *expected)
{
	json_close_object(&json);
	expect(expected);
}

Test(json, what_is_unknown_is_null, .init = open_line)
{
	json_number(&json, "a", UNKNOWN);
	json_word(&json, "b", NULL);
	json_text(&json, "c", NULL, 0);
	json_null(&json, "d");
	expect_line("{\"a\": null, \"b\": null, \"c\": null, \"d\": null}\n");
}

Test(json, numbers, .init = open_line)
{
	json_number(&json, "a", 0);
	json_number(&json, "b", UNKNOWN - 1);
	json_address(&json, "c", 0);
	json_address(&json, "d", 0x7ffc1891b000);
	json_hex(&json, "e", "\x01\xff", 2);
	/* The end of the last page that there can be: no address means "unknown". */
	json_address(&json, "f", UINT64_MAX);
	expect_line("{\"a\": 0, \"b\": 18446744073709551614, \"c\": \"0x0\", \"d\": \"0x7ffc1891b000\", "
		    "\"e\": \"01ff\", \"f\": \"0xffffffffffffffff\"}\n");
}

static void expect_text(const char *value, const char *expected)
{
	open_line();
	json_text(&json, "a", value, strlen(value));
	expect_line(expected);
}

Test(json, text_of_others)
{
	expect_text("", "{\"a\": \"\"}\n");
	expect_text("/tmp/a b", "{\"a\": \"/tmp/a b\"}\n");
	expect_text("\"\\", "{\"a\": \"\\\"\\\\\"}\n");
	expect_text("\x1b\n\x7f", "{\"a\": \"\\u001b\\u000a\\u007f\"}\n");
	expect_text("Ü漢😀", "{\"a\": \"Ü漢😀\"}\n");
	expect_text("\xe2\x80\xae", "{\"a\": \"\\u202e\"}\n");
	expect_text("\xf3\xa0\x80\x81", "{\"a\": \"\\udb40\\udc01\"}\n");
}

Test(json, text_that_is_not_utf8_has_its_bytes_beside_it)
{
	expect_text("a\xff\xc3", "{\"a\": \"a\xef\xbf\xbd\xef\xbf\xbd\", \"a_hex\": \"61ffc3\"}\n");
}

/* ---- memos ---- */

/* Names that are short, long, hostile, and too long to be kept. */
static void put_name(size_t i)
{
	static char huge[5000];
	const char *names[] = { "/usr/lib/a.so", "", "\"\\\x1b", "a\xff", huge };

	memset(huge, 'x', sizeof(huge) - 1);
	json_text(&json, "name", names[i], strlen(names[i]));
}

/*
 * Returns a document of many lines, far more than the buffer holds and than memos have room for:
 * texts are copied, forgotten and written again, even if the buffer was flushed in the middle of
 * one. With `flushes` this happens in many of them.
 */
static char *write_lines(bool has_memos, bool flushes)
{
	begin();
	json_open_array(&json, NULL, false);
	if (has_memos)
		json_open_memos(&json);
	for (uint64_t i = 0; i < 20000; i++) {
		uint64_t key = i * i % 701;

		json_open_object(&json, NULL, true);
		json_number(&json, "i", i);
		if (!json_begin_memo(&json, key)) {
			json_number(&json, "key", key);
			if (flushes && i % 7 == 0)
				out_drain(&out);
			put_name(key % 5);
			json_end_memo(&json);
		}
		json_address(&json, "end", i << 12);
		json_close_object(&json);
	}
	json_close_memos(&json);
	json_close_array(&json);
	cr_assert_eq(out_flush(&out), 0);
	fclose(file);
	return text;
}

Test(json, memos_do_not_show)
{
	_cleanup_free_ char *plain = write_lines(false, false);
	_cleanup_free_ char *copied = write_lines(true, false);
	_cleanup_free_ char *flushed = write_lines(true, true);

	/* Not cr_expect_str_eq(), which would print megabytes. */
	cr_expect(strcmp(plain, copied) == 0);
	cr_expect(strcmp(plain, flushed) == 0);
}

Test(json, a_memo_is_copied_where_its_key_comes_again, .init = open_line)
{
	json_open_memos(&json);
	json_number(&json, "a", 1);
	cr_expect_not(json_begin_memo(&json, 7));
	json_number(&json, "b", 2);
	json_end_memo(&json);
	cr_expect(json_begin_memo(&json, 7));
	json_close_memos(&json);
	cr_expect_not(json_begin_memo(&json, 7));
	json_end_memo(&json);
	expect_line("{\"a\": 1, \"b\": 2, \"b\": 2}\n");
}

Test(json, a_text_that_left_the_buffer_in_part_is_no_memo, .init = open_line)
{
	json_open_memos(&json);
	json_number(&json, "a", 1);
	cr_expect_not(json_begin_memo(&json, 7));
	out_drain(&out);
	json_number(&json, "b", 2);
	json_end_memo(&json);
	cr_expect(json_begin_memo(&json, 7), "all of it was behind what was handed over");
	cr_expect_not(json_begin_memo(&json, 8));
	json_number(&json, "c", 3);
	out_drain(&out);
	json_number(&json, "d", 4);
	json_end_memo(&json);
	cr_expect_not(json_begin_memo(&json, 8));
	json_end_memo(&json);
	json_close_memos(&json);
	expect_line("{\"a\": 1, \"b\": 2, \"b\": 2, \"c\": 3, \"d\": 4}\n");
}

Test(json, what_begins_a_line_is_no_memo, .init = open_line)
{
	json_open_memos(&json);
	cr_expect_not(json_begin_memo(&json, 7), "no comma comes before it");
	json_number(&json, "a", 1);
	json_end_memo(&json);
	cr_expect_not(json_begin_memo(&json, 7));
	json_number(&json, "b", 2);
	json_end_memo(&json);
	json_close_memos(&json);
	expect_line("{\"a\": 1, \"b\": 2}\n");
}
