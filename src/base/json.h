/* SPDX-License-Identifier: MIT */
/*
 * Writes JSON as it goes, without a tree: memory does not grow with the document.
 *
 * Every value takes its key, or NULL inside an array. Unknown values are null. Characters that a
 * terminal would act on are escaped.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digits.h"
#include "base/out.h"

#define JSON_DEPTH_MAX 16

struct json_memo;

struct json {
	struct out *out;
	unsigned depth;
	bool has_items[JSON_DEPTH_MAX]; /* by depth: whether a comma must come first */
	unsigned line_depth;		/* from this depth on, everything is on one line; 0: not so */
	bool is_in_line;		/* the next item only needs a comma and a blank before it */
	/* The last address and its text: the next range mostly begins where the last one ended. */
	uint64_t address;
	size_t address_len; /* 0: none yet */
	char address_text[DIGITS_HEX_MAX];
	struct json_memo *memo; /* between json_open_memos() and json_close_memos(), else NULL */
};

void json_init(struct json *json, struct out *out);

/* `on_one_line`: the object or array goes on one line, with everything in it. */
void json_open_object(struct json *json, const char *key, bool on_one_line);
void json_close_object(struct json *json);
void json_open_array(struct json *json, const char *key, bool on_one_line);
void json_close_array(struct json *json);

/* These take the length of the key, which the compiler computes if the key is a literal. */
void json_put_number(struct json *json, const char *key, size_t key_len, uint64_t value);
void json_put_address(struct json *json, const char *key, size_t key_len, uint64_t value);
void json_put_bool(struct json *json, const char *key, size_t key_len, bool value);
void json_put_null(struct json *json, const char *key, size_t key_len);
void json_put_word(struct json *json, const char *key, size_t key_len, const char *text);

static inline size_t json_key_len(const char *key)
{
	return key ? strlen(key) : 0;
}

/* UNKNOWN: null */
static inline void json_number(struct json *json, const char *key, uint64_t value)
{
	json_put_number(json, key, json_key_len(key), value);
}

/* By how much something has grown or, if `is_negative`, shrunk; UNKNOWN: null */
void json_change(struct json *json, const char *key, uint64_t number, bool is_negative);

/* "0x…"; every value is an address, none means unknown */
static inline void json_address(struct json *json, const char *key, uint64_t value)
{
	json_put_address(json, key, json_key_len(key), value);
}

static inline void json_bool(struct json *json, const char *key, bool value)
{
	json_put_bool(json, key, json_key_len(key), value);
}

static inline void json_null(struct json *json, const char *key)
{
	json_put_null(json, key, json_key_len(key));
}

/* Text of our own, with nothing to escape; NULL: null */
static inline void json_word(struct json *json, const char *key, const char *text)
{
	json_put_word(json, key, json_key_len(key), text);
}

/* Bytes as a string of hexadecimal digits. */
void json_hex(struct json *json, const char *key, const void *bytes, size_t len);

/*
 * Text from elsewhere; NULL: null. If it is not UTF-8, U+FFFD replaces each invalid byte, and a
 * second member KEY_hex has the exact bytes; but not in an array, which has no members.
 */
void json_text(struct json *json, const char *key, const char *text, size_t len);

/*
 * Members that repeat. The text between json_begin_memo(key) and json_end_memo() is generated once,
 * and copied when the same key comes again: then json_begin_memo() returns true, and the caller
 * writes nothing and does not call json_end_memo(). The key must include everything that the text
 * depends on. Memos do not nest. They are only kept between json_open_memos() and
 * json_close_memos(), as far as there is room.
 */
void json_open_memos(struct json *json);
void json_close_memos(struct json *json);
bool json_begin_memo(struct json *json, uint64_t key);
void json_end_memo(struct json *json);
