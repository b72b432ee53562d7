/* SPDX-License-Identifier: MIT */
#include "snapshot/keys.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "base/mem.h"
#include "base/text.h"

/* ---- the table ---- */

static bool is_listed(const char *list, const char *key)
{
	_cleanup_free_ char *item = mem_format(",%s,", key);

	return list && strstr(list, item);
}

static void add_key(struct keys *keys, const struct column *column, const struct taker *takers,
		    const char *optional)
{
	struct saved_key *field = &keys->items[keys->n++];

	assert(keys->n <= KEYS_MAX);
	*field = (struct saved_key){
		.column = column,
		.key_len = strlen(column->key),
		.is_optional = is_listed(optional, column->key),
	};
	for (; takers && takers->key; takers++)
		if (strcmp(takers->key, column->key) == 0)
			field->take = takers->take;
}

void keys_init(struct keys *keys, const struct record *record, const struct taker *takers,
	       const char *optional)
{
	keys->n = 0;
	for (const char *key = record->keys; *key;) {
		size_t len = strcspn(key, ",");

		for (const struct column *column = record->columns; column->name || column->key; column++)
			if (column->key && strncmp(column->key, key, len) == 0 && !column->key[len])
				add_key(keys, column, takers, optional);
		key += len + (key[len] == ',');
	}
}

/* Keys come in the order of the document, which usually is that of the table: try `next` first. */
static size_t find_key(const struct keys *keys, const char *key, size_t next)
{
	if (next < keys->n && strcmp(keys->items[next].column->key, key) == 0)
		return next;
	for (size_t i = 0; i < keys->n; i++)
		if (strcmp(keys->items[i].column->key, key) == 0)
			return i;
	return keys->n;
}

/* ---- values ---- */

static int take_address(struct document *document, const struct column *column, const char *text, size_t len,
			uint64_t *ret, struct error *err)
{
	const char *end;

	if (len < 3 || memcmp(text, "0x", 2) != 0 || (text[2] == '0' && len > 3) ||
	    !(end = digits_parse_hex(text + 2, ret)) || end != text + len)
		return document_refuse(document, err, "not an address, as in \"0x7f00\"");
	if (*ret == UNKNOWN && !column->takes_every)
		return document_refuse(document, err, "not a possible address");
	return 0;
}

static int take_device(struct document *document, const char *text, size_t len, uint64_t *ret,
		       struct error *err)
{
	uint64_t major, minor;
	const char *p = digits_parse_hex(text, &major);

	if (!p || *p != ':' || !(p = digits_parse_hex(p + 1, &minor)) || p != text + len ||
	    major > UINT32_MAX || minor > UINT32_MAX)
		return document_refuse(document, err, "not a device, as in \"fe:00\"");
	*ret = major << 32 | minor;
	if (*ret == UNKNOWN)
		return document_refuse(document, err, "not a possible device");
	return 0;
}

static int hex_value(char c)
{
	return digits_hex_values[(unsigned char)c] - 1;
}

char *keys_hex(const char *text, size_t len)
{
	char *bytes = mem_alloc(len / 2 + 1);

	for (size_t i = 0; i < len; i += 2) {
		if (len % 2 || hex_value(text[i]) < 0 || hex_value(text[i + 1]) < 0) {
			free(bytes);
			return NULL;
		}
		bytes[i / 2] = (char)(hex_value(text[i]) << 4 | hex_value(text[i + 1]));
	}
	return bytes;
}

/* Stands for each byte that is not UTF-8. Only a text that has one may have a second key, with the bytes. */
#define REPLACEMENT "\xef\xbf\xbd"

/* Sets *owned, and cell->text to it, if the bytes are given in addition to the text. */
static int find_bytes(struct document *document, const json_t *object, const char *key, struct cell *cell,
		      char **owned, struct error *err)
{
	char hex_key[72];
	const json_t *hex;

	if (!memmem(cell->text, cell->len, REPLACEMENT, strlen(REPLACEMENT)))
		return 0;
	snprintf(hex_key, sizeof(hex_key), "%.64s_hex", key);
	hex = document->lib->json_object_get(object, hex_key);
	if (!hex)
		return 0;
	if (json_is_string(hex))
		*owned = keys_hex(document->lib->json_string_value(hex),
				  document->lib->json_string_length(hex));
	if (!*owned || text_is_utf8(*owned, document->lib->json_string_length(hex) / 2))
		return document_refuse(document, err, "%s is not hexadecimal, or is valid UTF-8", hex_key);
	cell->text = *owned;
	cell->len = document->lib->json_string_length(hex) / 2;
	return 0;
}

static void set_unknown(const struct column *column, struct cell *cell)
{
	*cell = (struct cell){ .answer = ANSWER_UNKNOWN };
	if (column->type == CELL_ADDRESS || column->type == CELL_OFFSET || column->type == CELL_SIZE ||
	    column->type == CELL_NUMBER || column->type == CELL_DEVICE)
		cell->number = UNKNOWN;
}

static int take_text(struct document *document, const json_t *object, const struct column *column,
		     struct value *value, char **owned, struct error *err)
{
	struct cell *cell = &value->cell;
	const char *text;
	size_t len;

	if (!json_is_string(value->json))
		return document_refuse(document, err, "not a string");
	text = document->lib->json_string_value(value->json);
	len = document->lib->json_string_length(value->json);
	if (column->type == CELL_ADDRESS)
		return take_address(document, column, text, len, &cell->number, err);
	if (column->type == CELL_DEVICE)
		return take_device(document, text, len, &cell->number, err);
	cell->text = text;
	cell->len = len;
	if (column->type == CELL_NAME)
		return find_bytes(document, object, column->key, cell, owned, err);
	if (column->type != CELL_BYTES)
		return 0;
	*owned = keys_hex(text, len);
	if (!*owned || len == 0)
		return document_refuse(document, err, "not bytes in hexadecimal");
	cell->text = *owned;
	cell->len = len / 2;
	return 0;
}

static int take_cell(struct document *document, const json_t *object, const struct column *column,
		     struct value *value, char **owned, struct error *err)
{
	set_unknown(column, &value->cell);
	if (json_is_null(value->json)) {
		if (column->type == CELL_ADDRESS && column->takes_every)
			return document_refuse(document, err, "null: an address is needed");
		return 0;
	}
	switch (column->type) {
	case CELL_SIZE:
	case CELL_NUMBER:
	case CELL_OFFSET:
		return document_number(document, value->json, &value->cell.number, err);
	case CELL_ANSWER:
		if (!json_is_boolean(value->json))
			return document_refuse(document, err, "neither true nor false");
		value->cell.answer = json_is_true(value->json) ? ANSWER_YES : ANSWER_NO;
		return 0;
	default:
		return take_text(document, object, column, value, owned, err);
	}
}

/* ---- fields ---- */

static int set_field(struct document *document, const struct column *column, const struct cell *cell,
		     void *row, struct error *err)
{
	const struct column_field *field = &column->field;
	uint64_t number = column->type == CELL_ANSWER ? cell->answer : cell->number;
	char *p = row;

	if (field->is_behind)
		memcpy(&p, p + field->pointer, sizeof(p));
	p += field->offset;
	switch (field->type) {
	case FIELD_U64:
		*(uint64_t *)p = number;
		return 0;
	case FIELD_U32:
		*(uint32_t *)p = (uint32_t)number;
		return number < UINT32_MAX ? 0 : document_refuse(document, err, "out of range");
	case FIELD_U8:
		*(uint8_t *)p = (uint8_t)number;
		return number <= UINT8_MAX ? 0 : document_refuse(document, err, "out of range");
	case FIELD_BOOL:
		*(bool *)p = number == ANSWER_YES;
		return number != ANSWER_UNKNOWN ? 0 : document_refuse(document, err, "null");
	case FIELD_INT:
		*(int32_t *)p = number == UNKNOWN ? -1 : (int32_t)number;
		return number == UNKNOWN || number <= INT32_MAX ?
			       0 :
			       document_refuse(document, err, "out of range");
	default:
		return 0;
	}
}

static bool has_own_form(const struct column *column)
{
	return column->put || column->part;
}

static int read_value(const struct saved_key *field, struct document *document, const json_t *object,
		      const json_t *json, void *context, void *row, struct error *err)
{
	const struct column *column = field->column;
	struct value value = { .json = json };
	_cleanup_free_ char *owned = NULL;
	int r = 0;

	if (!has_own_form(column))
		r = take_cell(document, object, column, &value, &owned, err);
	if (r == 0 && field->take)
		return field->take(context, row, &value, err);
	if (r == 0 && column->field.type != FIELD_NONE)
		return set_field(document, column, &value.cell, row, err);
	return r;
}

static int check_missing(const struct keys *keys, struct document *document, uint32_t seen, struct error *err)
{
	for (size_t i = 0; i < keys->n; i++)
		if (!(seen & UINT32_C(1) << i) && !keys->items[i].is_optional)
			return document_refuse(document, err, "'%s' is missing", keys->items[i].column->key);
	return 0;
}

int keys_read(const struct keys *keys, struct document *document, const json_t *object, void *context,
	      void *row, struct error *err)
{
	const struct jansson *lib = document->lib;
	struct place place = { .up = document->place };
	uint32_t seen = 0;
	size_t next = 0;
	int r = 0;

	if (!json_is_object(object))
		return document_refuse(document, err, "not an object");
	document->place = &place;
	for (void *i = lib->json_object_iter((json_t *)object); i && r == 0;
	     i = lib->json_object_iter_next((json_t *)object, i)) {
		size_t found;

		place.key = lib->json_object_iter_key(i);
		found = find_key(keys, place.key, next);
		if (found == keys->n)
			continue;
		next = found + 1;
		seen |= UINT32_C(1) << found;
		r = read_value(&keys->items[found], document, object, lib->json_object_iter_value(i), context,
			       row, err);
	}
	document->place = place.up;
	return r < 0 ? r : check_missing(keys, document, seen, err);
}

int keys_pass_over(void *context _unused_, void *row _unused_, const struct value *value _unused_,
		   struct error *err _unused_)
{
	return 0;
}

const struct record *keys_record(const struct record *record, const char *key)
{
	const struct column *column = record->columns;

	while (!column->key || strcmp(column->key, key) != 0)
		column++;
	return column->record;
}

size_t keys_word(const struct cell *cell, const char *const *words, size_t n)
{
	size_t i = 0;

	while (i < n && !(words[i] && cell->text && strlen(words[i]) == cell->len &&
			  memcmp(words[i], cell->text, cell->len) == 0))
		i++;
	return i;
}

const char *keys_string(const struct document *document, const json_t *json)
{
	return json_is_string(json) ? document->lib->json_string_value(json) : NULL;
}

size_t keys_string_index(const struct document *document, const json_t *json, const char *const *words,
			 size_t n)
{
	const char *text = keys_string(document, json);
	struct cell cell = { .text = text, .len = text ? strlen(text) : 0 };

	return keys_word(&cell, words, n);
}

int keys_text(struct document *document, const json_t *object, const char *key, char **ret, size_t *ret_len,
	      struct error *err)
{
	const struct column column = { .type = CELL_NAME, .key = key };
	struct value value = { .json = document->lib->json_object_get(object, key) };
	_cleanup_free_ char *owned = NULL;
	int r = take_cell(document, object, &column, &value, &owned, err);

	*ret = NULL;
	*ret_len = value.cell.len;
	if (r == 0 && value.cell.text)
		*ret = mem_copy(value.cell.text, value.cell.len);
	return r;
}

int keys_address(struct document *document, const json_t *json, uint64_t *ret, struct error *err)
{
	static const struct column column = { .type = CELL_ADDRESS };

	if (!json_is_string(json))
		return document_refuse(document, err, "not a string");
	return take_address(document, &column, document->lib->json_string_value(json),
			    document->lib->json_string_length(json), ret, err);
}
