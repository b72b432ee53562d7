/* SPDX-License-Identifier: MIT */
#include "snapshot/document.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/digits.h"
#include "base/mem.h"

int document_open(struct document *document, char *text, size_t len, struct error *err)
{
	*document = (struct document){ .text = text, .len = len, .lib = jansson_load() };
	if (!document->lib)
		return error_set(err, -ENOSYS, "a snapshot is read with libjansson, which is not installed");
	return 0;
}

void document_done(struct document *document)
{
	free(document->text);
	free(document->large);
	*document = (struct document){ 0 };
}

/* ---- places ---- */

static void skip_blanks(struct document *document)
{
	const char *text = document->text;

	/* Not with strspn(3): a sanitizer would measure the whole rest of the document each time. */
	while (text[document->at] == ' ' || text[document->at] == '\t' || text[document->at] == '\r' ||
	       text[document->at] == '\n')
		document->at++;
}

/* Moves to the value of a key, or to an element, in the well-formed object or array at document->at. */
static void find_in(struct document *document, const struct place *place)
{
	size_t count = 0;
	struct error err;

	if (document_enter(document, place->key ? '{' : '[', &err) < 0)
		return;
	while (document_next(document, place->key ? '}' : ']', &count, &err) > 0) {
		_cleanup_free_ char *key = NULL;
		json_t *value;

		if (place->key && document_key(document, &key, &err) < 0)
			return;
		skip_blanks(document);
		if (place->key ? strcmp(key, place->key) == 0 : count == place->index + 1)
			return;
		if (document_value(document, &value, &err) < 0)
			return;
		document->lib->json_delete(value);
	}
}

/* Finds a value again, because jansson's trees do not record where their values were. */
static void find(struct document *document, const struct place *place)
{
	if (place == document->tree_place) {
		document->at = document->tree_at;
		return;
	}
	find(document, place->up);
	find_in(document, place);
}

static void put_place(FILE *file, const struct place *place)
{
	if (place->up)
		put_place(file, place->up);
	if (!place->key)
		fprintf(file, "[%zu]", place->index);
	else
		fprintf(file, "%s%.64s", place->up ? "." : "", place->key);
}

static void put_position(FILE *file, const struct document *document, size_t at)
{
	const char *line = document->text;
	const char *newline;
	size_t n = 1;

	while ((newline = memchr(line, '\n', at - (size_t)(line - document->text)))) {
		line = newline + 1;
		n++;
	}
	fprintf(file, "line %zu, column %zu: ", n, at - (size_t)(line - document->text) + 1);
}

static int _printf_(4, 0)
	refuse_at(struct document *document, size_t at, struct error *err, const char *fmt, va_list ap)
{
	char *text = NULL;
	size_t len;
	FILE *file = open_memstream(&text, &len);

	if (!file)
		mem_exhausted();
	put_position(file, document, at);
	if (document->place) {
		put_place(file, document->place);
		fputs(": ", file);
	}
	vfprintf(file, fmt, ap);
	if (fclose(file) != 0)
		mem_exhausted();
	error_set(err, -EBADMSG, "%s", text);
	free(text);
	return -EBADMSG;
}

int document_refuse(struct document *document, struct error *err, const char *fmt, ...)
{
	const struct place *place = document->place;
	size_t before = document->at;
	va_list ap;

	if (document->has_tree) {
		find(document, place);
		skip_blanks(document);
	}
	va_start(ap, fmt);
	refuse_at(document, document->at, err, fmt, ap);
	va_end(ap);
	document->at = before;
	return -EBADMSG;
}

/* ---- the outer parts ---- */

int document_enter(struct document *document, char bracket, struct error *err)
{
	skip_blanks(document);
	if (document->text[document->at] != bracket)
		return document_refuse(document, err, bracket == '{' ? "not an object" : "not a list");
	document->at++;
	return 0;
}

static int refuse_end(struct document *document, char expected, struct error *err)
{
	if (document->at >= document->len)
		return document_refuse(document, err, "the document is cut off here");
	return document_refuse(document, err, "'%c' expected", expected);
}

int document_next(struct document *document, char close, size_t *count, struct error *err)
{
	skip_blanks(document);
	if (document->text[document->at] == close) {
		document->at++;
		return 0;
	}
	if (*count > 0) {
		if (document->text[document->at] != ',')
			return refuse_end(document, close, err);
		document->at++;
		skip_blanks(document);
	}
	++*count;
	return 1;
}

int document_key(struct document *document, char **ret, struct error *err)
{
	json_t *key = NULL;
	int r;

	skip_blanks(document);
	if (document->text[document->at] != '"')
		return refuse_end(document, '"', err);
	r = document_value(document, &key, err);
	if (r < 0)
		return r;
	*ret = mem_copy(document->lib->json_string_value(key), document->lib->json_string_length(key));
	document_release(document, key);
	skip_blanks(document);
	if (document->text[document->at] != ':')
		return refuse_end(document, ':', err);
	document->at++;
	return 0;
}

bool document_is_null(struct document *document)
{
	skip_blanks(document);
	return strncmp(document->text + document->at, "null", 4) == 0;
}

int document_end(struct document *document, struct error *err)
{
	skip_blanks(document);
	if (document->at < document->len)
		return document_refuse(document, err, "something follows the document");
	return 0;
}

/* ---- numbers of more than 63 bits, which jansson does not take ---- */

/*
 * They are stored in document->large, and overwritten in the text by a negative number that encodes
 * the index, padded with blanks. Negative numbers have no other meaning in a snapshot.
 */
#define LARGE_LEN_MIN 19 /* digits of the smallest */
#define LARGE_BASE INT64_C(100000000000000000)

/* Whether the digits are part of another number, as those after a decimal point are. */
static bool is_part_of_number(const char *text, size_t start, size_t end)
{
	return (start > 0 && strchr("-+.eE", text[start - 1]) && text[start - 1]) ||
	       (strchr(".eE", text[end]) && text[end]);
}

/* Replaces the number [start, end) if it is a large one. */
static void take_large(struct document *document, size_t start, size_t end)
{
	size_t len = end - start;
	uint64_t value;
	char text[24];

	if (len < LARGE_LEN_MIN || is_part_of_number(document->text, start, end) ||
	    document->text[start] == '0' || !digits_parse_dec(document->text + start, &value) ||
	    value <= INT64_MAX)
		return;
	mem_grow(document->large, document->n_large, document->cap_large);
	document->large[document->n_large] = value;
	snprintf(text, sizeof(text), "-%" PRId64, LARGE_BASE + (int64_t)document->n_large++);
	memset(document->text + start, ' ', len);
	memcpy(document->text + start, text, LARGE_LEN_MIN);
}

/* The end of a text in quotes, which begins at `at`. */
static size_t text_end(const struct document *document, size_t at)
{
	for (at++; at < document->len && document->text[at] != '"'; at++)
		at += document->text[at] == '\\';
	return at + 1;
}

/*
 * Replaces all large numbers in the rest of the document. If they were replaced one by one, jansson
 * would parse their element again for each.
 */
static void take_all_large(struct document *document)
{
	size_t at = document->at;

	while (at < document->len) {
		size_t start = at;

		if (document->text[at] == '"') {
			at = text_end(document, at);
			continue;
		}
		while (is_digit(document->text[at]))
			at++;
		if (at > start)
			take_large(document, start, at);
		else
			at++;
	}
	document->has_no_large = true;
}

int document_number(struct document *document, const json_t *value, uint64_t *ret, struct error *err)
{
	int64_t number;

	if (!json_is_integer(value))
		return document_refuse(document, err, "not an integer");
	number = document->lib->json_integer_value(value);
	if (number >= 0)
		*ret = (uint64_t)number;
	else if (number <= -LARGE_BASE && (uint64_t)(-LARGE_BASE - number) < document->n_large)
		*ret = document->large[-LARGE_BASE - number];
	else
		return document_refuse(document, err, "a negative number");
	if (*ret == UNKNOWN)
		return document_refuse(document, err, "a number that is too large");
	return 0;
}

/* ---- trees ---- */

#define FLAGS (JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK)

static int _printf_(4, 5)
	refuse_parse(struct document *document, size_t at, struct error *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	refuse_at(document, MIN(at, document->len), err, fmt, ap);
	va_end(ap);
	return -EBADMSG;
}

static json_t *parse(struct document *document, size_t len, json_error_t *error)
{
	const char *text = document->text + document->at;
	json_t *tree = document->lib->json_loadb(text, len, FLAGS, error);

	if (tree || document->has_no_large || json_error_code(error) != json_error_numeric_overflow)
		return tree;
	take_all_large(document);
	return document->lib->json_loadb(text, len, FLAGS, error);
}

/*
 * The most text that a tree is made of, which may take 80 times as much memory. Elements of a snapshot have
 * a few kilobytes, but for the threads of an arena: there is room for 200,000.
 */
#define TREE_TEXT_MAX ((size_t)2 << 20)
#define TOKEN_MAX 16 /* what cuts a token off may be noticed at its beginning */

int document_value(struct document *document, json_t **ret, struct error *err)
{
	json_error_t error;
	size_t len;

	skip_blanks(document);
	len = MIN(document->len - document->at, TREE_TEXT_MAX);
	*ret = parse(document, len, &error);
	if (!*ret && len < document->len - document->at && (size_t)error.position + TOKEN_MAX >= len)
		return refuse_parse(document, document->at, err, "more than any element of a snapshot has");
	if (!*ret && json_error_code(&error) == json_error_premature_end_of_input)
		return refuse_parse(document, document->len, err, "the document is cut off here");
	if (!*ret)
		return refuse_parse(document, document->at + (size_t)error.position, err, "%s", error.text);
	document->has_tree = true;
	document->tree_place = document->place;
	document->tree_at = document->at;
	document->at += (size_t)error.position;
	return 0;
}

void document_release(struct document *document, json_t *tree)
{
	document->has_tree = false;
	document->lib->json_delete(tree);
}

static int pass_over_one(struct document *document, struct error *err)
{
	json_t *json = NULL;
	int r = document_value(document, &json, err);

	if (r == 0)
		document_release(document, json);
	return r;
}

int document_pass_over(struct document *document, struct error *err)
{
	struct place place = { .up = document->place };
	size_t count = 0;
	int r;

	skip_blanks(document);
	if (document->text[document->at] != '[')
		return pass_over_one(document, err);
	document->at++;
	document->place = &place;
	while ((r = document_next(document, ']', &count, err)) > 0) {
		place.index = count - 1;
		r = pass_over_one(document, err);
		if (r < 0)
			break;
	}
	document->place = place.up;
	return r;
}
