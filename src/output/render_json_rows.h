/* SPDX-License-Identifier: MIT */
/*
 * Rows as JSON objects: the columns of a record say which members there are, and how each is written.
 */
#pragma once

#include <stddef.h>

#include "base/json.h"
#include "views/views.h"

#define MEMBERS_MAX 32

enum form { FORM_NUMBER, FORM_ADDRESS, FORM_CELL, FORM_PART, FORM_OTHER };

/* A column that has a key, with what is the same for all its cells. */
struct member {
	const struct column *column;
	size_t key_len;
	enum form form;
};

/* The members of a record, in order. */
struct members {
	struct member items[MEMBERS_MAX];
	size_t n;
};

/* Lists the members of a record: first those that record->keys names, in that order. */
void render_json_list_members(struct members *members, const struct record *record);

/* Writes the members [from, to) of one row. */
void render_json_members(struct json *json, const struct members *members, size_t from, size_t to,
			 const struct row *row);

/* Writes one row as a JSON object. */
void render_json_object(struct json *json, const char *key, const struct record *record,
			const struct row *row);

/* Writes rows as an array of objects, or null if they are unknown. A view may have several such arrays. */
void render_json_rows(struct json *json, const char *key, const struct record *record,
		      const struct rows *rows);
