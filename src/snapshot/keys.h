/* SPDX-License-Identifier: MIT */
/*
 * Reads back what views have written: a JSON object into a row, by the same table of columns. Keys, types
 * and the fields of numbers come from the table. A value that a getter computed is either taken by a
 * function of the reader or, if it follows from other values, only checked for its type.
 */
#pragma once

#include "snapshot/document.h"
#include "views/column.h"

/* A value, and the cell that its column makes of it. */
struct value {
	const json_t *json;
	struct cell cell; /* for columns with a type; borrowed, like the tree */
};

/* 0, or -EBADMSG after document_refuse(), which knows the place. */
typedef int take_fn(void *context, void *row, const struct value *value, struct error *err);

/* The function that takes the value of a key. */
struct taker {
	const char *key; /* NULL: the end of the list */
	take_fn *take;
};

/* Ignores a value that follows from others. */
take_fn keys_pass_over;

#define KEYS_MAX 32

struct saved_key {
	const struct column *column;
	size_t key_len;
	take_fn *take; /* or NULL */
	bool is_optional;
};

/* The table of a record, prepared for reading. */
struct keys {
	struct saved_key items[KEYS_MAX];
	size_t n;
};

/* `optional`: keys that may be missing, with commas around each. */
void keys_init(struct keys *keys, const struct record *record, const struct taker *takers,
	       const char *optional);

/*
 * Reads the object at document->place. Numbers and answers for which the table has a field are stored
 * there. Keys that the table does not have come from a later version and are skipped.
 */
int keys_read(const struct keys *keys, struct document *document, const json_t *object, void *context,
	      void *row, struct error *err) _must_check_;

/* The record of the object under a key of another record. */
const struct record *keys_record(const struct record *record, const char *key);

/* The index of a text among `n` words (NULL: no word), or `n`. */
size_t keys_word(const struct cell *cell, const char *const *words, size_t n);

/* A text, borrowed; NULL: the value is something else. */
const char *keys_string(const struct document *document, const json_t *json);

/* As keys_word(), for a value. */
size_t keys_string_index(const struct document *document, const json_t *json, const char *const *words,
			 size_t n);

/* The bytes of pairs of hexadecimal digits, and a NUL; the caller frees them. NULL: it is something else. */
char *keys_hex(const char *text, size_t len);

/* Reads an address, which is a text in JSON. 0, or -EBADMSG. */
int keys_address(struct document *document, const json_t *json, uint64_t *ret,
		 struct error *err) _must_check_;

/*
 * Reads a text from outside memmap, or null; its bytes come from KEY_hex of `object` if that is there. The
 * caller frees *ret, which is NULL for null.
 */
int keys_text(struct document *document, const json_t *object, const char *key, char **ret, size_t *ret_len,
	      struct error *err) _must_check_;
