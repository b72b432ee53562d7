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
	/* The end of the last page there can be: no address is unknown. */
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
