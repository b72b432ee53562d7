/* SPDX-License-Identifier: MIT */
#include "output/render_json_rows.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

static bool has_member(const struct members *members, const struct column *column)
{
	for (size_t i = 0; i < members->n; i++)
		if (members->items[i].column == column)
			return true;
	return false;
}

static enum form find_form(const struct column *column)
{
	if (column->put)
		return FORM_OTHER;
	if (column->part)
		return FORM_PART;
	if (column->type == CELL_ADDRESS)
		return FORM_ADDRESS;
	return column->type == CELL_SIZE || column->type == CELL_NUMBER || column->type == CELL_OFFSET ?
		       FORM_NUMBER :
		       FORM_CELL;
}

static void add_member(struct members *members, const struct column *column)
{
	assert(members->n < MEMBERS_MAX);
	members->items[members->n++] = (struct member){ column, strlen(column->key), find_form(column) };
}

static bool is_last(const struct column *column)
{
	return !column->name && !column->key;
}

static const struct column *find_key(const struct column *column, const char *key, size_t len)
{
	while (!is_last(column) &&
	       !(column->key && strncmp(column->key, key, len) == 0 && column->key[len] == '\0'))
		column++;
	return column;
}

void render_json_list_members(struct members *members, const struct record *record)
{
	members->n = 0;
	for (const char *key = record->keys; *key;) {
		size_t len = strcspn(key, ",");

		add_member(members, find_key(record->columns, key, len));
		key += len + (key[len] == ',');
	}
	for (const struct column *column = record->columns; !is_last(column); column++)
		if (column->key && !has_member(members, column))
			add_member(members, column);
}

static void put_cell(struct json *json, const struct column *column, const struct cell *cell)
{
	const char *key = column->key;
	char device[32];

	if (column->type == CELL_NAME) {
		json_text(json, key, cell->text, cell->len);
	} else if (column->type == CELL_WORD) {
		json_word(json, key, cell->text);
	} else if (column->type == CELL_BYTES && cell->text) {
		json_hex(json, key, cell->text, cell->len);
	} else if (column->type == CELL_ANSWER && cell->answer != ANSWER_UNKNOWN) {
		json_bool(json, key, cell->answer == ANSWER_YES);
	} else if (column->type == CELL_CHANGE) {
		json_change(json, key, cell->number, cell->is_negative);
	} else if (column->type == CELL_DEVICE && cell->number != UNKNOWN) {
		device[text_device(device, (uint32_t)(cell->number >> 32), (uint32_t)cell->number)] = '\0';
		json_word(json, key, device);
	} else {
		json_null(json, key);
	}
}

static void put_part(struct json *json, const struct column *column, const struct row *row)
{
	struct row part = { .data = column->part(row), .space = row->space, .view = row->view };

	if (part.data)
		render_json_object(json, column->key, column->record, &part);
	else
		json_null(json, column->key);
}

/* Most numbers are plain fields of a region, of which there may be a million: read those directly. */
static inline uint64_t find_number(const struct column *column, const struct row *row)
{
	const char *p = (const char *)row->data + column->field.offset;

	if (!column->field.is_behind && column->field.type == FIELD_U64)
		return *(const uint64_t *)p;
	if (!column->field.is_behind && column->field.type == FIELD_U32)
		return *(const uint32_t *)p;
	return column_cell(column, row).number;
}

static inline void put_number(struct json *json, const struct member *member, const struct row *row)
{
	const struct column *column = member->column;
	uint64_t number = find_number(column, row);

	if (member->form == FORM_NUMBER)
		json_put_number(json, column->key, member->key_len, number);
	else if (number != UNKNOWN || column->takes_every)
		json_put_address(json, column->key, member->key_len, number);
	else
		json_put_null(json, column->key, member->key_len);
}

_always_inline_ static inline void put_member(struct json *json, const struct member *member,
					      const struct row *row)
{
	const struct column *column = member->column;
	struct cell cell;

	switch (member->form) {
	case FORM_NUMBER:
	case FORM_ADDRESS:
		put_number(json, member, row);
		break;
	case FORM_CELL:
		cell = column_cell(column, row);
		put_cell(json, column, &cell);
		break;
	case FORM_PART:
		put_part(json, column, row);
		break;
	case FORM_OTHER:
		column->put(json, column, row);
		break;
	}
}

void render_json_members(struct json *json, const struct members *members, size_t from, size_t to,
			 const struct row *row)
{
	for (size_t i = from; i < to; i++)
		put_member(json, &members->items[i], row);
}

void render_json_object(struct json *json, const char *key, const struct record *record,
			const struct row *row)
{
	struct members members;

	render_json_list_members(&members, record);
	json_open_object(json, key, true);
	render_json_members(json, &members, 0, members.n, row);
	json_close_object(json);
}

void render_json_rows(struct json *json, const char *key, const struct record *record,
		      const struct rows *rows)
{
	struct members members;

	if (rows->is_unknown) {
		json_null(json, key);
		return;
	}
	render_json_list_members(&members, record);
	json_open_array(json, key, false);
	for (size_t i = 0; i < rows->n - rows->n_sums; i++) {
		struct row row = rows_get(rows, i);

		json_open_object(json, NULL, true);
		render_json_members(json, &members, 0, members.n, &row);
		json_close_object(json);
	}
	json_close_array(json);
}
