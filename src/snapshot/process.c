/* SPDX-License-Identifier: MIT */
/* The part of a snapshot that describes a target as a whole. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "elf/machine.h"
#include "snapshot/target.h"
#include "views/views.h"

/* A text of ours, not null; NULL: it is none. */
static const char *word(struct target_reader *reader, const json_t *json)
{
	return json_is_string(json) ? reader->document->lib->json_string_value(json) : NULL;
}

/* The index of a word; `n` where it is none of them. */
static size_t find_word(struct target_reader *reader, const json_t *json, const char *const *words, size_t n)
{
	const char *text = word(reader, json);
	struct cell cell = { .text = text, .len = text ? strlen(text) : 0 };

	return keys_word(&cell, words, n);
}

/* What is read of a limit, and beside it what was used of it. */
struct saved_limit {
	struct limit limit; /* the first member: fields are in it */
	uint64_t used;
};

/* ---- who it is ---- */

int take_source(struct target_reader *reader, const json_t *json, struct error *err)
{
	size_t origin = find_word(reader, json, origin_names, N_ORIGINS);

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
	const char *text = word(reader, json);
	struct tm tm = { 0 };
	const char *end = text ? strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm) : NULL;

	if (!end || *end)
		return refuse_value(reader, err, "not a time, as in \"2026-11-23T09:00:00Z\"");
	reader->space->facts.taken_at = timegm(&tm);
	return 0;
}

#define PAGE_SIZE_MAX (UINT64_C(1) << 30)

int take_page_size(struct target_reader *reader, const json_t *json, struct error *err)
{
	uint64_t size;
	int r = take_number(reader, json, PAGE_SIZE_MAX, &size, err);

	if (r == 0 && (size == UNKNOWN || size == 0 || (size & (size - 1)) != 0))
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

static char **name_of(struct process *process, const char *key, size_t **ret_len)
{
	*ret_len = NULL;
	if (strcmp(key, "user") == 0)
		return &process->user;
	*ret_len = strcmp(key, "comm") == 0 ? &process->comm_len : &process->exe_len;
	return strcmp(key, "comm") == 0 ? &process->comm : &process->exe;
}

int take_own_name(struct target_reader *reader, const json_t *json, struct error *err)
{
	const char *key = reader->document->place->key;
	size_t *len;
	char **name = name_of(&reader->space->facts.process, key, &len);
	const char *text = word(reader, json);

	if (json_is_null(json))
		return 0;
	if (!text)
		return refuse_value(reader, err, "not a text");
	free(*name);
	*name = mem_copy(text, reader->document->lib->json_string_length(json));
	if (len)
		*len = reader->document->lib->json_string_length(json);
	return 0;
}

int take_own_bytes(struct target_reader *reader, const json_t *json, struct error *err)
{
	const char *key = reader->document->place->key;
	size_t key_len = strlen(key) - strlen("_hex");
	_cleanup_free_ char *plain_key = mem_copy(key, key_len);
	size_t *len;
	char **name = name_of(&reader->space->facts.process, plain_key, &len);
	size_t hex_len = json_is_string(json) ? reader->document->lib->json_string_length(json) : 0;
	char *bytes = hex_len ? keys_hex(word(reader, json), hex_len) : NULL;

	if (!bytes)
		return refuse_value(reader, err, "not bytes in hexadecimal");
	free(*name);
	*name = bytes;
	if (len)
		*len = hex_len / 2;
	return 0;
}

/* ---- the process ---- */

static int take_mappings(void *context, void *row _unused_, const struct value *value, struct error *err)
{
	struct target_reader *reader = context;

	reader->space->facts.saved->mappings = value->cell.number;
	return value->cell.number <= NO_MAPPING ? 0 : refuse_value(reader, err, "not a number of mappings");
}

static int take_reserved(void *context, void *row _unused_, const struct value *value,
			 struct error *err _unused_)
{
	((struct target_reader *)context)->space->facts.saved->reserved = value->cell.number;
	return 0;
}

static int take_committed(void *context, void *row _unused_, const struct value *value,
			  struct error *err _unused_)
{
	((struct target_reader *)context)->space->facts.saved->committed = value->cell.number;
	return 0;
}

static int take_used(void *context _unused_, void *row, const struct value *value, struct error *err _unused_)
{
	((struct saved_limit *)row)->used = value->cell.number;
	return 0;
}

static int take_unlimited(void *context _unused_, void *row, const struct value *value,
			  struct error *err _unused_)
{
	((struct saved_limit *)row)->limit.is_unlimited = value->cell.answer == ANSWER_YES;
	return 0;
}

/* Of a process a core's size is known only with figures; of a snapshot it is likewise. */
static bool is_asked(const struct request *request, enum limit_id id)
{
	return id != LIMIT_CORE || request_reading(request) == READ_SMAPS;
}

static int take_limit(struct target_reader *reader, const json_t *object, enum limit_id id, struct error *err)
{
	static const struct taker takers[] = { { "used", take_used },
					       { "unlimited", take_unlimited },
					       { NULL } };
	static struct keys keys;
	struct facts *facts = &reader->space->facts;
	struct place place = { .up = reader->document->place, .key = limit_names[id].key };
	const json_t *json = reader->document->lib->json_object_get(object, limit_names[id].key);
	struct saved_limit row = { 0 };
	int r;

	if (keys.n == 0)
		keys_init(&keys, &limit_record, takers, NULL);
	if (!json)
		return document_refuse(reader->document, err, "'%s' is missing", limit_names[id].key);
	reader->document->place = &place;
	r = keys_read(&keys, reader->document, json, reader, &row, err);
	reader->document->place = place.up;
	facts->process.limits[id] = row.limit;
	facts->saved->used[id] = is_asked(reader->request, id) ? row.used : UNKNOWN;
	return r;
}

static int take_limits(void *context, void *row _unused_, const struct value *value, struct error *err)
{
	struct target_reader *reader = context;
	int r = 0;

	if (!json_is_object(value->json))
		return refuse_value(reader, err, "not an object");
	for (enum limit_id id = 0; id < N_LIMITS && r == 0; id++)
		r = take_limit(reader, value->json, id, err);
	return r;
}

int take_process(struct target_reader *reader, const json_t *json, struct error *err)
{
	static const struct taker takers[] = {
		{ "mappings", take_mappings },
		{ "reserved", take_reserved },
		{ "committed", take_committed },
		{ "limits", take_limits },
		{ NULL },
	};
	static struct keys keys;

	if (keys.n == 0)
		keys_init(&keys, &process_record, takers, NULL);
	return keys_read(&keys, reader->document, json, reader, &reader->space->facts.process, err);
}

int take_cuts(struct target_reader *reader, const json_t *json, struct error *err)
{
	reader->has_cuts = json_is_true(json);
	reader->space->judgement.has_cuts = reader->has_cuts && reader->request->needs & NEED_CUTS;
	return json_is_boolean(json) ? 0 : refuse_value(reader, err, "neither true nor false");
}

/* ---- an ELF file ---- */

static const char *const byte_orders[] = { "little", "big" };

static int take_elf_word(struct target_reader *reader, const json_t *object, const char *key,
			 const char *const *words, size_t n, size_t *ret, struct error *err)
{
	const json_t *json = reader->document->lib->json_object_get(object, key);

	*ret = json ? find_word(reader, json, words, n) : n;
	if (*ret < n)
		return 0;
	return document_refuse(reader->document, err, "'%s' is none of those that there are", key);
}

static int take_bits(struct target_reader *reader, const json_t *object, struct error *err)
{
	const json_t *json = reader->document->lib->json_object_get(object, "bits");
	int64_t bits = json_is_integer(json) ? reader->document->lib->json_integer_value(json) : 0;

	if (bits != 32 && bits != 64)
		return refuse_value(reader, err, "'bits' is neither 32 nor 64");
	reader->space->facts.word_size = (size_t)bits / 8;
	return 0;
}

static int take_machine(struct target_reader *reader, const json_t *object, unsigned *ret, struct error *err)
{
	const char *name = word(reader, reader->document->lib->json_object_get(object, "machine"));

	if (!name || !machine_find(name, ret))
		return refuse_value(reader, err, "'machine' is none that there is");
	return 0;
}

/* ---- a core file ---- */

/* The row that the keys of a core file are read into. */
struct core_row {
	struct core core;
	uint64_t signal, thread, dumped;
};

static int take_core_texts(struct target_reader *reader, const json_t *json, struct error *err)
{
	struct facts *facts = &reader->space->facts;
	struct saved *saved = facts->saved;
	size_t len;
	int r = keys_text(reader->document, json, "file", &saved->core_path, &len, err);

	if (r == 0)
		r = keys_text(reader->document, json, "signal_name", &saved->signal_name, &len, err);
	if (r == 0 && !saved->core_path)
		return refuse_value(reader, err, "'file' is null");
	facts->core.path = saved->core_path;
	facts->core.signal_name = saved->signal_name;
	return r;
}

static int take_core_numbers(struct target_reader *reader, const json_t *json, struct error *err)
{
	static const struct column columns[] = {
		{ NULL, CELL_SIZE, .key = "file_size", .field = FIELD(struct core_row, core.file_size) },
		{ NULL, CELL_NUMBER, .key = "signal", .field = FIELD(struct core_row, signal) },
		{ NULL, CELL_NUMBER, .key = "thread", .field = FIELD(struct core_row, thread) },
		{ NULL, CELL_ADDRESS, .key = "fault", .field = FIELD(struct core_row, core.fault) },
		{ NULL, CELL_SIZE, .key = "dumped", .field = FIELD(struct core_row, dumped) },
		{ NULL, CELL_SIZE, .key = "missing", .field = FIELD(struct core_row, core.missing) },
		{ 0 },
	};
	static const struct record record = { columns, "file_size,signal,thread,fault,dumped,missing" };
	static struct keys keys;
	struct facts *facts = &reader->space->facts;
	struct core_row row = { .core = facts->core };
	int r;

	if (keys.n == 0)
		keys_init(&keys, &record, NULL, NULL);
	r = keys_read(&keys, reader->document, json, reader, &row, err);
	if (r == 0 && ((row.signal != UNKNOWN && row.signal > INT32_MAX) ||
		       (row.thread != UNKNOWN && row.thread > INT32_MAX)))
		return refuse_value(reader, err, "'signal' or 'thread' is too large");
	facts->core = row.core;
	facts->core.signal = row.signal == UNKNOWN ? 0 : (int)row.signal;
	facts->core.tid = row.thread == UNKNOWN ? NO_TID : (int32_t)row.thread;
	facts->saved->dumped = row.dumped;
	return r;
}

int take_core(struct target_reader *reader, const json_t *json, struct error *err)
{
	struct core *core = &reader->space->facts.core;
	size_t order = 0;
	int r;

	if (!json_is_object(json))
		return refuse_value(reader, err, "not an object");
	reader->has_core = true;
	r = take_core_texts(reader, json, err);
	if (r == 0)
		r = take_core_numbers(reader, json, err);
	if (r == 0)
		r = take_bits(reader, json, err);
	if (r == 0)
		r = take_machine(reader, json, &core->machine, err);
	if (r == 0)
		r = take_elf_word(reader, json, "byte_order", byte_orders, ARRAY_SIZE(byte_orders), &order,
				  err);
	core->is_big_endian = order == 1;
	return r;
}

static int take_build_id_of_elf(struct target_reader *reader, const json_t *object, struct error *err)
{
	const json_t *json = reader->document->lib->json_object_get(object, "build_id");
	size_t len = json_is_string(json) ? reader->document->lib->json_string_length(json) : 0;
	_cleanup_free_ char *bytes = len > 0 ? keys_hex(word(reader, json), len) : NULL;

	if (json && json_is_null(json))
		return 0;
	if (!bytes || len / 2 > BUILD_ID_MAX)
		return refuse_value(reader, err, "'build_id' is not one in hexadecimal");
	memcpy(reader->space->facts.elf.build_id, bytes, len / 2);
	reader->space->facts.elf.build_id_len = len / 2;
	return 0;
}

int take_elf(struct target_reader *reader, const json_t *json, struct error *err)
{
	struct elf_header *elf = &reader->space->facts.elf;
	size_t type = 0, order = 0;
	int r;

	if (json_is_null(json))
		return 0;
	if (!json_is_object(json))
		return refuse_value(reader, err, "not an object");
	reader->has_elf = true;
	r = take_elf_word(reader, json, "type", elf_type_names, N_ELF_TYPES, &type, err);
	if (r == 0)
		r = take_elf_word(reader, json, "byte_order", byte_orders, ARRAY_SIZE(byte_orders), &order,
				  err);
	if (r == 0)
		r = take_bits(reader, json, err);
	if (r == 0)
		r = take_machine(reader, json, &elf->machine, err);
	if (r == 0)
		r = keys_text(reader->document, json, "interpreter", &elf->interpreter, &elf->interpreter_len,
			      err);
	if (r == 0)
		r = take_build_id_of_elf(reader, json, err);
	elf->word_size = reader->space->facts.word_size;
	elf->type = (enum elf_type)type;
	elf->is_big_endian = order == 1;
	return r;
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
	code = word(reader, lib->json_object_get(json, "code"));
	if (!code || !*code || code[strspn(code, "abcdefghijklmnopqrstuvwxyz-")])
		return refuse_value(reader, err, "'code' is none");
	r = keys_text(reader->document, json, "text", &text, &len, err);
	if (r < 0)
		return r;
	missing = lib->json_object_get(json, "missing");
	if (!text || (missing && !json_is_boolean(missing)))
		return refuse_value(reader, err, "not a note");
	notes_restore(&reader->space->facts.notes, code, text, !missing || json_is_true(missing));
	return 0;
}
