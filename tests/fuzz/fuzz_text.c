/* SPDX-License-Identifier: MIT */
/* The input is text: no bytes in it can break a terminal, a table or JSON. */
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "fuzz.h"

/* The text is UTF-8, with safe characters only. */
static void require_safe(const char *s, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		uint32_t c;

		n = text_decode(s + i, len - i, &c);
		require(n > 0 && !text_is_unsafe(c));
	}
}

static void check_escape(const char *text, size_t len, enum text_escape how)
{
	_cleanup_free_ char *escaped = text_escape(text, len, how);

	require_safe(escaped, strlen(escaped));
	require(how == TEXT_TABLE || !strchr(escaped, ' '));
	require(!text_is_plain(text, len) || how == TEXT_RAW || strcmp(escaped, text) == 0);
	for (size_t width = 1; width < 12; width++) {
		_cleanup_free_ char *shortened = text_shorten(escaped, width, width % 2);

		require(text_width(shortened) <= width);
		require_safe(shortened, strlen(shortened));
	}
}

/* One line of JSON whose text is safe. */
static void check_json(const char *text, size_t len)
{
	static struct out out;
	struct json json;
	char *line;
	size_t line_len;

	out_init(&out, open_memstream(&line, &line_len));
	json_init(&json, &out);
	json_open_object(&json, NULL, true);
	json_text(&json, "a", text, len);
	json_close_object(&json);
	require(out_flush(&out) == 0);
	fclose(out.file);
	require(line[line_len - 1] == '\n');
	require_safe(line, line_len - 1);
	free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = malloc(size + 1);
	uint64_t number;

	setenv("LC_ALL", "C.UTF-8", 1);
	memcpy(text, data, size);
	text[size] = '\0';
	check_escape(text, size, TEXT_TABLE);
	check_escape(text, size, TEXT_RAW);
	check_json(text, size);
	text_parse_u64(text, 16, &number);
	return 0;
}
