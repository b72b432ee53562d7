/* SPDX-License-Identifier: MIT */
/*
 * Reads back what views have written: an object of JSON into a row, by the same table of columns. Keys, types and
 * where a number belongs come from the table. What a getter has computed there is either taken by a function of the
 * reader or, where it follows from the rest, only checked for its type.
 */
#pragma once

#include "snapshot/document.h"
#include "views/column.h"

/* A value, as its column has it. */
struct value {
	const json_t *json;
	struct cell cell; /* of columns with a type; borrowed, as the tree is */
};

/* 0, or -EBADMSG after document_refuse(), which knows the place. */
typedef int take_fn(void *context, void *row, const struct value *value, struct error *err);

/* What takes the value of a key. */
struct taker {
	const char *key; /* NULL: the last one */
	take_fn *take;
};

/* Takes nothing, of what follows from the rest. */
take_fn keys_pass_over;

#define KEYS_MAX 32

struct saved_key {
	const struct column *column;
	size_t key_len;
	take_fn *take; /* or NULL */
	bool is_optional;
};

/* The table of a record, ready to be read by. */
struct keys {
	struct saved_key items[KEYS_MAX];
	size_t n;
};

/* `optional`: keys, with commas around each, that need not be there. */
void keys_init(struct keys *keys, const struct record *record, const struct taker *takers,
	       const char *optional);

/*
 * Reads the object at document->place. Numbers and answers that the table has in a field are set there. Keys that
 * the table does not have are those of a later version, and are passed over.
 */
int keys_read(const struct keys *keys, struct document *document, const json_t *object, void *context,
	      void *row, struct error *err) _must_check_;

/* The record of what is an object under a key of another one. */
const struct record *keys_record(const struct record *record, const char *key);

/* A text of our own, which must be one of `n` words (NULL: none): its index, or `n`. */
size_t keys_word(const struct cell *cell, const char *const *words, size_t n);

/* A text of our own, which is borrowed; NULL: it is something else. */
const char *keys_string(const struct document *document, const json_t *json);

/* As keys_word(), of a value. */
size_t keys_string_index(const struct document *document, const json_t *json, const char *const *words,
			 size_t n);

/* Pairs of hexadecimal digits as bytes, with a NUL behind them; the caller frees them. NULL: it is something else. */
char *keys_hex(const char *text, size_t len);

/* An address, as a text. 0, or -EBADMSG. */
int keys_address(struct document *document, const json_t *json, uint64_t *ret,
		 struct error *err) _must_check_;

/*
 * A text of others, or null; with the bytes in KEY_hex of `object` where there are such. The caller frees *ret,
 * which is NULL for null.
 */
int keys_text(struct document *document, const json_t *object, const char *key, char **ret, size_t *ret_len,
	      struct error *err) _must_check_;
