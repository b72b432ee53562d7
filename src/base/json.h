/* SPDX-License-Identifier: MIT */
/*
 * Writes JSON as it goes, without a tree: memory does not grow with the document.
 *
 * Every value takes its key, NULL inside an array. What is unknown is null. Nothing that a
 * terminal would act on is written as it is.
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
	unsigned line_depth;		/* from this depth on all is on one line; 0: nothing yet */
	bool is_in_line;		/* what comes next only takes a comma and a blank before it */
	/* The last address, and its text: where a range ends the next one mostly begins. */
	uint64_t address;
	size_t address_len; /* 0: none yet */
	char address_text[DIGITS_HEX_MAX];
	struct json_memo *memo; /* between json_open_memos() and json_close_memos(), else NULL */
};

void json_init(struct json *json, struct out *out);

/* `on_one_line`: the object or array, with all in it, takes one line. */
void json_open_object(struct json *json, const char *key, bool on_one_line);
void json_close_object(struct json *json);
void json_open_array(struct json *json, const char *key, bool on_one_line);
void json_close_array(struct json *json);

/* These take the length of the key, which the compiler works out where the key is a literal. */
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

/* By how much something has grown or, `is_negative`, shrunk; UNKNOWN: null */
void json_change(struct json *json, const char *key, uint64_t number, bool is_negative);

/* "0x…"; any value is an address: none stands for unknown */
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

/* A text of ours, with nothing to escape; NULL: null */
static inline void json_word(struct json *json, const char *key, const char *text)
{
	json_put_word(json, key, json_key_len(key), text);
}

/* Bytes as a text of hexadecimal digits. */
void json_hex(struct json *json, const char *key, const void *bytes, size_t len);

/*
 * Text of others; NULL: null. Where it is not UTF-8, U+FFFD stands for each odd byte, and a
 * second member KEY_hex has the exact bytes; but not in an array, where there are no members.
 */
void json_text(struct json *json, const char *key, const char *text, size_t len);

/*
 * Members that come again and again. What lies between json_begin_memo(key) and json_end_memo() is
 * written once, and copied where the same key comes again: json_begin_memo() then returns true, and
 * the caller writes nothing and does not call json_end_memo(). All that the text depends on must be
 * in the key. Memos do not nest; between json_open_memos() and json_close_memos() they are kept, as
 * far as there is room, and elsewhere nothing is.
 */
void json_open_memos(struct json *json);
void json_close_memos(struct json *json);
bool json_begin_memo(struct json *json, uint64_t key);
void json_end_memo(struct json *json);
