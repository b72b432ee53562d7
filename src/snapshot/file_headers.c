/* SPDX-License-Identifier: MIT */
/* The headers of an ELF file or a core file in a snapshot. */
#include <string.h>

#include "elf/machine.h"
#include "snapshot/target.h"

/* ---- what both have ---- */

static const char *const byte_orders[] = { "little", "big" };

static int take_elf_word(struct target_reader *reader, const json_t *object, const char *key,
			 const char *const *words, size_t n, size_t *ret, struct error *err)
{
	const json_t *json = reader->document->lib->json_object_get(object, key);

	*ret = json ? keys_string_index(reader->document, json, words, n) : n;
	if (*ret < n)
		return 0;
	return document_refuse(reader->document, err, "'%s' is not valid", key);
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
	const char *name =
		keys_string(reader->document, reader->document->lib->json_object_get(object, "machine"));

	if (!name || !machine_find(name, ret))
		return refuse_value(reader, err, "'machine' is not valid");
	return 0;
}

/* ---- a core file ---- */

/* The row that the keys of a core file are read into. */
struct core_row {
	struct core core;
	uint64_t signal, thread, sender, dumped;
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

static bool is_too_large(uint64_t number)
{
	return number != UNKNOWN && number > INT32_MAX;
}

static int take_core_numbers(struct target_reader *reader, const json_t *json, struct error *err)
{
	static const struct column columns[] = {
		{ NULL, CELL_SIZE, .key = "file_size", .field = FIELD(struct core_row, core.file_size) },
		{ NULL, CELL_NUMBER, .key = "signal", .field = FIELD(struct core_row, signal) },
		{ NULL, CELL_NUMBER, .key = "thread", .field = FIELD(struct core_row, thread) },
		{ NULL, CELL_NUMBER, .key = "sender", .field = FIELD(struct core_row, sender) },
		{ NULL, CELL_ADDRESS, .key = "fault", .field = FIELD(struct core_row, core.fault) },
		{ NULL, CELL_SIZE, .key = "dumped", .field = FIELD(struct core_row, dumped) },
		{ NULL, CELL_SIZE, .key = "missing", .field = FIELD(struct core_row, core.missing) },
		{ 0 },
	};
	static const struct record record = { columns,
					      "file_size,signal,thread,sender,fault,dumped,missing" };
	static struct keys keys;
	struct facts *facts = &reader->space->facts;
	struct core_row row = { .core = facts->core, .sender = UNKNOWN };
	int r;

	if (keys.n == 0)
		keys_init(&keys, &record, NULL, ",sender,");
	r = keys_read(&keys, reader->document, json, reader, &row, err);
	if (r == 0 && (is_too_large(row.signal) || is_too_large(row.thread) || is_too_large(row.sender)))
		return refuse_value(reader, err, "'signal', 'thread' or 'sender' is too large");
	facts->core = row.core;
	facts->core.signal = row.signal == UNKNOWN ? 0 : (int)row.signal;
	facts->core.tid = row.thread == UNKNOWN ? NO_TID : (int32_t)row.thread;
	facts->core.sender = row.sender == UNKNOWN ? -1 : (int)row.sender;
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

/* ---- an ELF file ---- */

static int take_build_id_of_elf(struct target_reader *reader, const json_t *object, struct error *err)
{
	const json_t *json = reader->document->lib->json_object_get(object, "build_id");
	size_t len = json_is_string(json) ? reader->document->lib->json_string_length(json) : 0;
	_cleanup_free_ char *bytes = len > 0 ? keys_hex(keys_string(reader->document, json), len) : NULL;

	if (json && json_is_null(json))
		return 0;
	if (!bytes || len / 2 > BUILD_ID_MAX)
		return refuse_value(reader, err, "'build_id' is not valid");
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
