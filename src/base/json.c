/* SPDX-License-Identifier: MIT */
#include "base/json.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/util.h"

void json_init(struct json *json, struct out *out)
{
	*json = (struct json){ .out = out };
}

static void put_line_break(struct json *json)
{
	if (json->line_depth) {
		out_char(json->out, ' ');
		return;
	}
	out_char(json->out, '\n');
	out_fill(json->out, ' ', 2 * (size_t)json->depth);
}

#define KEY_MAX 64 /* longer keys take the slow way */

static void put_any_key(struct json *json, const char *key, size_t len)
{
	if (json->has_items[json->depth])
		out_char(json->out, ',');
	if (json->depth > 0 && (json->has_items[json->depth] || !json->line_depth))
		put_line_break(json);
	json->has_items[json->depth] = true;
	json->is_in_line = json->line_depth != 0;
	if (!key)
		return;
	out_char(json->out, '"');
	out_write(json->out, key, len);
	out_write(json->out, "\": ", 3);
}

static inline void put_key(struct json *json, const char *key, size_t len)
{
	struct out *out = json->out;
	char *p;

	if (unlikely(!json->is_in_line || !key || len > KEY_MAX)) {
		put_any_key(json, key, len);
		return;
	}
	out_reserve(out, KEY_MAX + 8);
	p = out->buf + out->len;
	memcpy(p, ", \"", 3);
	copy_bytes(p + 3, key, len);
	memcpy(p + 3 + len, "\": ", 3);
	out->len += len + 6;
}

static void open_nested(struct json *json, const char *key, char bracket, bool on_one_line)
{
	put_any_key(json, key, json_key_len(key));
	out_char(json->out, bracket);
	json->depth++;
	assert(json->depth < JSON_DEPTH_MAX);
	json->has_items[json->depth] = false;
	json->is_in_line = false;
	if (on_one_line && !json->line_depth)
		json->line_depth = json->depth;
}

static void close_nested(struct json *json, char bracket)
{
	bool had_items = json->has_items[json->depth];
	bool was_on_one_line = json->line_depth != 0;

	if (json->line_depth == json->depth)
		json->line_depth = 0;
	json->depth--;
	json->is_in_line = json->line_depth != 0;
	if (had_items && !was_on_one_line)
		put_line_break(json);
	out_char(json->out, bracket);
	if (json->depth == 0)
		out_char(json->out, '\n');
}

void json_open_object(struct json *json, const char *key, bool on_one_line)
{
	open_nested(json, key, '{', on_one_line);
}

void json_close_object(struct json *json)
{
	close_nested(json, '}');
}

void json_open_array(struct json *json, const char *key, bool on_one_line)
{
	open_nested(json, key, '[', on_one_line);
}

void json_close_array(struct json *json)
{
	close_nested(json, ']');
}

void json_put_null(struct json *json, const char *key, size_t key_len)
{
	put_key(json, key, key_len);
	out_write(json->out, "null", 4);
}

void json_put_bool(struct json *json, const char *key, size_t key_len, bool value)
{
	put_key(json, key, key_len);
	out_str(json->out, value ? "true" : "false");
}

void json_put_number(struct json *json, const char *key, size_t key_len, uint64_t value)
{
	put_key(json, key, key_len);
	if (value == UNKNOWN)
		out_write(json->out, "null", 4);
	else
		out_dec(json->out, value);
}

void json_change(struct json *json, const char *key, uint64_t number, bool is_negative)
{
	put_key(json, key, json_key_len(key));
	if (number == UNKNOWN) {
		out_write(json->out, "null", 4);
		return;
	}
	if (is_negative && number > 0)
		out_char(json->out, '-');
	out_dec(json->out, number);
}

void json_put_address(struct json *json, const char *key, size_t key_len, uint64_t value)
{
	struct out *out = json->out;
	char *p;

	put_key(json, key, key_len);
	if (json->address_len == 0 || json->address != value) {
		json->address = value;
		json->address_len = digits_format_hex(json->address_text, value);
	}
	out_reserve(out, 3 + DIGITS_HEX_MAX + 1);
	p = out->buf + out->len;
	memcpy(p, "\"0x", 3);
	memcpy(p + 3, json->address_text, DIGITS_HEX_MAX);
	p[3 + json->address_len] = '"';
	out->len += 3 + json->address_len + 1;
}

void json_put_word(struct json *json, const char *key, size_t key_len, const char *text)
{
	if (!text) {
		json_put_null(json, key, key_len);
		return;
	}
	put_key(json, key, key_len);
	out_char(json->out, '"');
	out_str(json->out, text);
	out_char(json->out, '"');
}

void json_hex(struct json *json, const char *key, const void *bytes, size_t len)
{
	put_any_key(json, key, json_key_len(key));
	out_char(json->out, '"');
	out_bytes(json->out, bytes, len);
	out_char(json->out, '"');
}

static void put_unicode(struct out *out, uint32_t c)
{
	if (c >= 0x10000) {
		put_unicode(out, 0xd800 + ((c - 0x10000) >> 10));
		c = 0xdc00 + ((c - 0x10000) & 0x3ff);
	}
	out_write(out, "\\u", 2);
	out_bytes(out, (const unsigned char[]){ (unsigned char)(c >> 8), (unsigned char)c }, 2);
}

static void put_char(struct out *out, const char *text, size_t len, uint32_t c)
{
	if (len == 0) {
		out_str(out, "\xef\xbf\xbd"); /* U+FFFD */
	} else if (c == '"' || c == '\\') {
		out_char(out, '\\');
		out_char(out, (char)c);
	} else if (text_is_unsafe(c)) {
		put_unicode(out, c);
	} else {
		out_write(out, text, len);
	}
}

static void put_text(struct out *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		uint32_t c = 0;
		size_t n = text_decode(text + i, len - i, &c);

		put_char(out, text + i, n, c);
		i += n ? n : 1;
	}
}

/* Whether the text is printable ASCII with nothing to escape. */
static bool is_plain(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~' || text[i] == '"' || text[i] == '\\')
			return false;
	return true;
}

void json_text(struct json *json, const char *key, const char *text, size_t len)
{
	char hex_key[64];
	bool plain;

	if (!text) {
		json_null(json, key);
		return;
	}
	put_key(json, key, json_key_len(key));
	out_char(json->out, '"');
	plain = is_plain(text, len);
	if (plain)
		out_write(json->out, text, len);
	else
		put_text(json->out, text, len);
	out_char(json->out, '"');
	if (plain || !key || text_is_utf8(text, len))
		return;
	snprintf(hex_key, sizeof(hex_key), "%s_hex", key);
	json_hex(json, hex_key, text, len);
}

/* ---- memos ---- */

#define MEMO_BITS 8
#define MEMO_TEXTS (32 << 10)
#define MEMO_TEXT_MAX 1024 /* longer texts are not worth the room */

struct memo {
	uint64_t key;
	uint32_t start;
	uint32_t len; /* 0: nothing yet */
};

/* The key of a text determines its slot, which holds the last text that took it. */
struct json_memo {
	struct memo slots[1 << MEMO_BITS];
	struct memo *open; /* the memo that is being written, or NULL */
	uint64_t key;
	uint64_t from; /* the position in the output where it began */
	size_t used;
	char texts[MEMO_TEXTS];
};

void json_open_memos(struct json *json)
{
	struct json_memo *memo = mem_array(1, sizeof(*memo));

	memset(memo->slots, 0, sizeof(memo->slots));
	memo->open = NULL;
	memo->used = 0;
	json->memo = memo;
}

void json_close_memos(struct json *json)
{
	free(json->memo);
	json->memo = NULL;
}

bool json_begin_memo(struct json *json, uint64_t key)
{
	struct json_memo *memo = json->memo;
	struct memo *slot;

	/* Only in the middle of a line do all texts begin alike. */
	if (!memo || !json->is_in_line)
		return false;
	slot = &memo->slots[key * UINT64_C(0x9e3779b97f4a7c15) >> (64 - MEMO_BITS)];
	if (slot->len > 0 && slot->key == key) {
		out_write(json->out, memo->texts + slot->start, slot->len);
		return true;
	}
	memo->open = slot;
	memo->key = key;
	memo->from = out_position(json->out);
	return false;
}

void json_end_memo(struct json *json)
{
	struct json_memo *memo = json->memo;
	const char *text;
	size_t len;

	if (!memo || !memo->open)
		return;
	text = out_since(json->out, memo->from);
	len = (size_t)(out_position(json->out) - memo->from);
	if (text && len <= MEMO_TEXT_MAX) {
		if (len > MEMO_TEXTS - memo->used) {
			memset(memo->slots, 0, sizeof(memo->slots));
			memo->used = 0;
		}
		*memo->open = (struct memo){ memo->key, (uint32_t)memo->used, (uint32_t)len };
		memcpy(memo->texts + memo->used, text, len);
		memo->used += len;
	}
	memo->open = NULL;
}
