/* SPDX-License-Identifier: MIT */
/*
 * A JSON document, read piece by piece. A tree of the whole document would take ten times its size, so
 * the outer objects and arrays are walked here, and jansson makes a tree of one element at a time.
 *
 * Errors are reported with their place: line, column (in bytes, from 1) and the path from the top.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "snapshot/jansson.h"

/* Where a value is: under a key of an object, or in an array. `up` is the place of that object or array. */
struct place {
	const struct place *up;
	const char *key; /* NULL: an element */
	size_t index;
};

struct document {
	const struct jansson *lib;
	char *text; /* owned, with a NUL after it; numbers that jansson cannot take are overwritten */
	size_t len, at;
	const struct place *place; /* of what is being read; NULL: the whole document */

	/* The tree that is being read, if any. */
	bool has_tree;
	size_t tree_at;
	const struct place *tree_place;

	uint64_t *large; /* numbers of more than 63 bits */
	size_t n_large, cap_large;
	bool has_no_large; /* from `at` on, all of them were replaced in the text */
};

/* Takes ownership of the text, which has a NUL after `len` bytes. 0; -ENOSYS: jansson is not installed. */
int document_open(struct document *document, char *text, size_t len, struct error *err) _must_check_;
void document_done(struct document *document);

/* Sets *err to the place in words and what is wrong there. Returns -EBADMSG. */
int document_refuse(struct document *document, struct error *err, const char *fmt, ...) _printf_(3, 4);

/* Enters an object ('{') or an array ('['). 0, or -EBADMSG: there is something else. */
int document_enter(struct document *document, char bracket, struct error *err) _must_check_;

/*
 * Moves to the next member or element of the object or array that was entered, which ends with `close`.
 * *count is how many there were so far, 0 at first. Returns 1; 0: there are no more; or -EBADMSG.
 */
int document_next(struct document *document, char close, size_t *count, struct error *err) _must_check_;

/* Reads a key and its colon. The caller frees *ret. */
int document_key(struct document *document, char **ret, struct error *err) _must_check_;

/*
 * Reads a value of up to 2 MB of text. Release *ret with document_release() before reading another.
 */
int document_value(struct document *document, json_t **ret, struct error *err) _must_check_;
void document_release(struct document *document, json_t *tree);

/* Skips a value; an array element by element. */
int document_pass_over(struct document *document, struct error *err) _must_check_;

/* Whether the next value is null. */
bool document_is_null(struct document *document);

/* Checks that only blanks are left: 0, or -EBADMSG. */
int document_end(struct document *document, struct error *err) _must_check_;

/* ---- values of the tree, at document->place ---- */

/* A non-negative integer of up to 64 bits. */
int document_number(struct document *document, const json_t *value, uint64_t *ret,
		    struct error *err) _must_check_;
