/* SPDX-License-Identifier: MIT */
/* The keys that every target of a snapshot has: its names, when it was read, and the notes from then. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "model/process_row.h"
#include "snapshot/target.h"

/* ---- identity ---- */

int take_source(struct target_reader *reader, const json_t *json, struct error *err)
{
	size_t origin = keys_string_index(reader->document, json, origin_names, N_ORIGINS);

	reader->space->facts.origin = (enum origin)origin;
	return origin < N_ORIGINS ? 0 : refuse_value(reader, err, "not a source that this version knows");
}

static int take_number(struct target_reader *reader, const json_t *json, uint64_t max, uint64_t *ret,
		       struct error *err)
{
	int r = 0;

	*ret = UNKNOWN;
	if (!json_is_null(json))
		r = document_number(reader->document, json, ret, err);
	if (r == 0 && *ret != UNKNOWN && *ret > max)
		return refuse_value(reader, err, "a number that is too large");
	return r;
}

static int take_id(struct target_reader *reader, const json_t *json, int *ret, struct error *err)
{
	uint64_t number;
	int r = take_number(reader, json, INT32_MAX, &number, err);

	*ret = number == UNKNOWN ? -1 : (int)number;
	return r;
}

int take_time(struct target_reader *reader, const json_t *json, struct error *err)
{
	const char *text = keys_string(reader->document, json);
	struct tm tm = { 0 };
	const char *end = text ? strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm) : NULL;

	if (!json_is_null(json) && (!end || *end))
		return refuse_value(reader, err, "not a time, as in \"2026-11-23T09:00:00Z\"");
	reader->space->facts.taken_at = end ? timegm(&tm) : NO_TIME;
	return 0;
}

int take_page_size(struct target_reader *reader, const json_t *json, struct error *err)
{
	uint64_t size;
	int r = take_number(reader, json, UNKNOWN, &size, err);

	if (r == 0 && !is_page_size(size))
		return refuse_value(reader, err, "not the size of a page");
	reader->space->facts.page_size = size;
	return r;
}

int take_pid(struct target_reader *reader, const json_t *json, struct error *err)
{
	return take_id(reader, json, &reader->space->facts.process.pid, err);
}

int take_ppid(struct target_reader *reader, const json_t *json, struct error *err)
{
	return take_id(reader, json, &reader->space->facts.process.ppid, err);
}

static void set_name(struct process *process, const char *key, char *name, size_t len)
{
	char **place = &process->exe;
	size_t *place_len = &process->exe_len;

	if (strcmp(key, "user") == 0) {
		place = &process->user;
		place_len = NULL;
	} else if (strcmp(key, "comm") == 0) {
		place = &process->comm;
		place_len = &process->comm_len;
	}
	free(*place);
	*place = name;
	if (place_len)
		*place_len = len;
}

/* Some of them are shown in each row of a table. U+FFFD takes three bytes for one that is not UTF-8. */
static size_t longest_name(const char *key)
{
	if (strcmp(key, "comm") == 0)
		return 3 * PROCESS_NAME_MAX;
	return 3 * (strcmp(key, "user") == 0 ? LOGIN_NAME_MAX : PATH_MAX);
}

int take_own_name(struct target_reader *reader, const json_t *json, struct error *err)
{
	const char *text = keys_string(reader->document, json);
	size_t len;

	if (json_is_null(json))
		return 0;
	if (!text)
		return refuse_value(reader, err, "not a string");
	len = reader->document->lib->json_string_length(json);
	if (len > longest_name(reader->document->place->key))
		return refuse_value(reader, err, "longer than any such name");
	set_name(&reader->space->facts.process, reader->document->place->key, mem_copy(text, len), len);
	return 0;
}

int take_own_bytes(struct target_reader *reader, const json_t *json, struct error *err)
{
	const char *key = reader->document->place->key;
	_cleanup_free_ char *plain_key = mem_copy(key, strlen(key) - strlen("_hex"));
	size_t hex_len = json_is_string(json) ? reader->document->lib->json_string_length(json) : 0;
	bool is_possible = hex_len > 0 && hex_len / 2 <= longest_name(plain_key);
	char *bytes = is_possible ? keys_hex(keys_string(reader->document, json), hex_len) : NULL;

	if (!bytes)
		return refuse_value(reader, err, "not bytes in hexadecimal");
	set_name(&reader->space->facts.process, plain_key, bytes, hex_len / 2);
	return 0;
}

int take_cuts(struct target_reader *reader, const json_t *json, struct error *err)
{
	reader->has_cuts = json_is_true(json);
	reader->space->judgement.has_cuts = reader->has_cuts && reader->request->needs & NEED_CUTS;
	return json_is_boolean(json) ? 0 : refuse_value(reader, err, "neither true nor false");
}

/* ---- notes ---- */

int take_note(struct target_reader *reader, const json_t *json, struct error *err)
{
	const struct jansson *lib = reader->document->lib;
	const char *code;
	_cleanup_free_ char *text = NULL;
	const json_t *missing;
	size_t len;
	int r;

	if (!json_is_object(json))
		return refuse_value(reader, err, "not an object");
	code = keys_string(reader->document, lib->json_object_get(json, "code"));
	if (!code || !*code || code[strspn(code, "abcdefghijklmnopqrstuvwxyz-")])
		return refuse_value(reader, err, "'code' is not valid");
	r = keys_text(reader->document, json, "text", &text, &len, err);
	if (r < 0)
		return r;
	missing = lib->json_object_get(json, "missing");
	if (!text || (missing && !json_is_boolean(missing)))
		return refuse_value(reader, err, "not a note");
	notes_restore(&reader->space->facts.notes, code, text, !missing || json_is_true(missing));
	return 0;
}
