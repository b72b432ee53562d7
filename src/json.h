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

#include "out.h"

#define JSON_DEPTH_MAX 16

struct json {
	struct out *out;
	unsigned depth;
	bool has_items[JSON_DEPTH_MAX]; /* by depth: whether a comma must come first */
	unsigned line_depth;		/* from this depth on all is on one line; 0: nothing yet */
};

void json_init(struct json *json, struct out *out);

/* `on_one_line`: the object or array, with all in it, takes one line. */
void json_open_object(struct json *json, const char *key, bool on_one_line);
void json_close_object(struct json *json);
void json_open_array(struct json *json, const char *key, bool on_one_line);
void json_close_array(struct json *json);

/* With the length of the key, which is found out here and now where the key is a literal. */
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

/* "0x…": any is known */
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

/*
 * Between keys, for json_null(): several members that are null at once, in what is on one line. Most of
 * what is known of a file is not there for memory without one, and such memory comes by the 60,000.
 */
#define JSON_NULL_AND "\": null, \""

/* A text of ours, with nothing to escape; NULL: null */
static inline void json_word(struct json *json, const char *key, const char *text)
{
	json_put_word(json, key, json_key_len(key), text);
}

void json_hex(struct json *json, const char *key, const void *bytes, size_t len);

/*
 * Text of others; NULL: null. Where it is not UTF-8, U+FFFD stands for each odd byte, and a
 * second member KEY_hex has the exact bytes; but not in an array, where there are no members.
 */
void json_text(struct json *json, const char *key, const char *text, size_t len);
