/* SPDX-License-Identifier: MIT */
/*
 * Rows as objects of JSON: the columns of a record say which members, and how each is written.
 */
#pragma once

#include <stddef.h>

#include "base/json.h"
#include "views/views.h"

#define MEMBERS_MAX 32

enum form { FORM_NUMBER, FORM_ADDRESS, FORM_CELL, FORM_PART, FORM_OTHER };

/* A column that has a key, and what is the same for all its cells. */
struct member {
	const struct column *column;
	size_t key_len;
	enum form form;
};

/* Those of a record, in order. */
struct members {
	struct member items[MEMBERS_MAX];
	size_t n;
};

/* Those that `keys` of the record names come first, in its order. */
void render_json_list_members(struct members *members, const struct record *record);

/* Writes the members from `from` up to `to`, which is not one of them, of one row. */
void render_json_members(struct json *json, const struct members *members, size_t from, size_t to,
			 const struct row *row);

/* An object of JSON that is made of one row. */
void render_json_object(struct json *json, const char *key, const struct record *record,
			const struct row *row);

/* For views that have more than one array: rows as objects; null where they are unknown. */
void render_json_rows(struct json *json, const char *key, const struct record *record,
		      const struct rows *rows);
