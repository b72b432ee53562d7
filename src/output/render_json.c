/* SPDX-License-Identifier: MIT */
#include "output/render_json.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analysis/explain.h"
#include "base/mem.h"
#include "base/text.h"
#include "config.h"
#include "elf/machine.h"
#include "views/totals.h"

#define FORMAT 1 /* of the document; memmap.schema.json says when it changes */

void render_json_begin(struct json *json, bool on_one_line)
{
	json_open_object(json, NULL, on_one_line);
	json_number(json, "format", FORMAT);
	json_word(json, "version", VERSION);
	json_open_array(json, "targets", false);
}

void render_json_end(struct json *json)
{
	json_close_array(json);
	json_close_object(json);
}

/* UTC, ISO 8601 */
static void put_time(struct json *json, const char *key, int64_t seconds)
{
	time_t time = (time_t)seconds;
	char text[32];
	struct tm tm;

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&time, &tm));
	json_word(json, key, text);
}

static void put_identity(struct json *json, const struct space *space)
{
	const struct process *process = &space->facts.process;

	json_word(json, "source", origin_names[space->facts.origin]);
	json_number(json, "pid", process->pid < 0 ? UNKNOWN : (uint64_t)process->pid);
	json_number(json, "ppid", process->ppid < 0 ? UNKNOWN : (uint64_t)process->ppid);
	json_text(json, "comm", process->comm, process->comm_len);
	json_text(json, "exe", process->exe, process->exe_len);
	json_text(json, "user", process->user, process->user ? strlen(process->user) : 0);
	put_time(json, "taken_at", space->facts.taken_at);
	json_number(json, "page_size", space->facts.page_size);
}

/* The header of a file; null for a process. */
static void put_elf(struct json *json, const struct space *space)
{
	const struct elf_header *elf = &space->facts.elf;
	char machine[MACHINE_NAME_MAX];

	if (space->facts.origin != ORIGIN_ELF) {
		json_null(json, "elf");
		return;
	}
	machine_name(machine, elf->machine);
	json_open_object(json, "elf", true);
	json_word(json, "type", elf_type_names[elf->type]);
	json_number(json, "bits", 8 * elf->word_size);
	json_word(json, "byte_order", elf->is_big_endian ? "big" : "little");
	json_word(json, "machine", machine);
	json_text(json, "interpreter", elf->interpreter, elf->interpreter_len);
	if (elf->build_id_len > 0)
		json_hex(json, "build_id", elf->build_id, elf->build_id_len);
	else
		json_null(json, "build_id");
	json_close_object(json);
}

/* Only core files have these. */
static void put_core(struct json *json, const struct space *space)
{
	const struct core *core = &space->facts.core;
	char machine[MACHINE_NAME_MAX];

	if (space->facts.origin != ORIGIN_CORE)
		return;
	machine_name(machine, core->machine);
	json_open_object(json, "core", true);
	json_text(json, "file", core->path, strlen(core->path));
	json_number(json, "file_size", core->file_size);
	json_number(json, "bits", 8 * space->facts.word_size);
	json_word(json, "byte_order", core->is_big_endian ? "big" : "little");
	json_word(json, "machine", machine);
	json_number(json, "signal", core->signal > 0 ? (uint64_t)core->signal : UNKNOWN);
	json_word(json, "signal_name", core->signal_name);
	json_number(json, "thread", core->tid > 0 ? (uint64_t)core->tid : UNKNOWN);
	if (core->fault == UNKNOWN)
		json_null(json, "fault");
	else
		json_address(json, "fault", core->fault);
	json_number(json, "dumped", facts_dumped(&space->facts, 0, UINT64_MAX));
	json_number(json, "missing", core->missing);
	json_close_object(json);
}

/* ---- rows as objects ---- */

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

static void list_members(struct members *members, const struct record *record)
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

/* A region's number and sizes are numbers that stand in it, and there may be a million of them. */
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

static void put_members(struct json *json, const struct members *members, size_t from, size_t to,
			const struct row *row)
{
	for (size_t i = from; i < to; i++)
		put_member(json, &members->items[i], row);
}

void render_json_object(struct json *json, const char *key, const struct record *record,
			const struct row *row)
{
	struct members members;

	list_members(&members, record);
	json_open_object(json, key, true);
	put_members(json, &members, 0, members.n, row);
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
	list_members(&members, record);
	json_open_array(json, key, false);
	for (size_t i = 0; i < rows->n - rows->n_sums; i++) {
		struct row row = rows_get(rows, i);

		json_open_object(json, NULL, true);
		put_members(json, &members, 0, members.n, &row);
		json_close_object(json);
	}
	json_close_array(json);
}

/* ---- regions, most of which have much in common with others ---- */

/* Access, kind and basis, and no padding. */
static bool find_access_memo(const struct row *row, uint64_t *ret)
{
	const struct region *region = row->data;
	unsigned perms = row->space->facts.mappings[region->mapping].perms;

	/* With a bit that no number of a file has. */
	*ret = UINT64_C(1) << 63 | (uint64_t)perms << 16 | (uint64_t)region->kind << 8 | region->basis;
	return region->padding == 0;
}

/* The file, from its beginning, and the module. */
static bool find_owner_memo(const struct row *row, uint64_t *ret)
{
	const struct region *region = row->data;
	const struct mapping *m = &row->space->facts.mappings[region->mapping];

	*ret = (uint64_t)m->object << 32 | (uint32_t)region->module;
	return region->section == 0 && region->tid == NO_TID &&
	       (!has_offset(mapping_object(&row->space->facts, m)) ||
		m->offset + (region->start - m->start) == 0);
}

/* The members of a region, and where in them those begin that many regions have alike. */
struct region_members {
	struct members members;
	size_t access, owner, rest;
};

static size_t find_member(const struct members *members, const char *key)
{
	size_t i = 0;

	while (strcmp(members->items[i].column->key, key) != 0)
		i++;
	return i;
}

/* Those that write nothing where no counters were asked for: calling them for each region takes time. */
static void drop_counters(struct members *members)
{
	size_t n = 0;

	for (size_t i = 0; i < members->n; i++)
		if (!(members->items[i].column->needs & (NEED_COUNTER | NEED_FLAGS)))
			members->items[n++] = members->items[i];
	members->n = n;
}

/* Likewise, of all targets but core files. */
static void drop_dumped(struct members *members)
{
	size_t at = find_member(members, "dumped");

	members->n--;
	memmove(&members->items[at], &members->items[at + 1], (members->n - at) * sizeof(*members->items));
}

static void list_region_members(struct region_members *list, const struct facts *facts)
{
	const struct usage *usage = &facts->usage;

	list_members(&list->members, &region_record);
	if (facts->origin != ORIGIN_CORE)
		drop_dumped(&list->members);
	if (usage->n_slots == 0 && !usage->keeps_all && !usage->is_missing)
		drop_counters(&list->members);
	list->access = find_member(&list->members, "padding");
	list->owner = find_member(&list->members, "name");
	list->rest = find_member(&list->members, "mapping");
}

static void put_explanation(struct json *json, const struct row *row)
{
	_cleanup_free_ char *text = explain(row->space, row->data);

	json_text(json, "explanation", text, strlen(text));
}

static void put_region(struct json *json, const struct region_members *list, const struct row *row,
		       bool explained)
{
	const struct members *members = &list->members;
	uint64_t key;
	bool is_common;

	json_open_object(json, NULL, true);
	put_members(json, members, 0, list->access, row);
	is_common = find_access_memo(row, &key);
	if (!is_common || !json_begin_memo(json, key)) {
		put_members(json, members, list->access, list->owner, row);
		if (is_common)
			json_end_memo(json);
	}
	is_common = find_owner_memo(row, &key);
	if (!is_common || !json_begin_memo(json, key)) {
		put_members(json, members, list->owner, list->rest, row);
		if (is_common)
			json_end_memo(json);
	}
	put_members(json, members, list->rest, members->n, row);
	if (explained)
		put_explanation(json, row);
	json_close_object(json);
}

/* Those that are shown; in the order of the rows, where these are the regions. */
static void put_regions(struct json *json, const struct view *view, const struct view_info *info,
			bool explained)
{
	const struct space *space = view_space(view);
	const uint32_t *order = info->collect || !view->rows.order ? view->regions : view->rows.order;
	struct region_members members;

	if (view_lacks(view, JSON_REGIONS)) {
		json_null(json, "regions");
		return;
	}
	list_region_members(&members, &space->facts);
	json_open_memos(json);
	json_open_array(json, "regions", false);
	for (size_t i = 0; i < view->n_regions; i++) {
		struct row row = { .data = &space->judgement.regions[order[i]],
				   .space = space,
				   .view = view };

		put_region(json, &members, &row, explained);
	}
	json_close_array(json);
	json_close_memos(json);
}

/* ---- the rest of what there is with several views ---- */

static void put_rows_of(struct json *json, const char *key, const struct view_info *info,
			const struct view *view)
{
	_cleanup_(rows_done) struct rows rows = { .view = view };

	if (info->collect_all)
		info->collect_all(view, &rows);
	else
		info->collect(view, &rows);
	render_json_rows(json, key, info->record, &rows);
}

/* An object with a key for each kind that there is. */
static void put_totals(struct json *json, const struct view *view)
{
	_cleanup_(rows_done) struct rows rows = { .view = view };

	if (view_lacks(view, JSON_TOTALS)) {
		json_null(json, "totals");
		return;
	}
	collect_totals(view, &rows);
	json_open_object(json, "totals", false);
	for (size_t i = 0; i < rows.n - rows.n_sums; i++) {
		struct row row = rows_get(&rows, i);

		render_json_object(json, kinds[((const struct total *)row.data)->kind].name, &total_record,
				   &row);
	}
	json_close_object(json);
}

static void put_process(struct json *json, const struct space *space)
{
	struct row row = { .data = &space->facts.process, .space = space };

	render_json_object(json, "process", &process_record, &row);
}

static void put_named(struct json *json, const struct view *view)
{
	_cleanup_(rows_done) struct rows rows = { .view = view };

	collect_named(view, &rows);
	rows.is_unknown = view_lacks(view, JSON_TOTALS);
	render_json_rows(json, "named", &named_record, &rows);
}

static void put_notes(struct json *json, const struct notes *notes)
{
	for (size_t i = 0; i < notes->n; i++) {
		const struct note *note = &notes->items[i];

		json_open_object(json, NULL, true);
		json_word(json, "code", note->code);
		json_text(json, "text", note->text, strlen(note->text));
		json_bool(json, "missing", note->is_warning);
		json_close_object(json);
	}
}

static void put_all_notes(struct json *json, const struct space *space)
{
	json_open_array(json, "notes", false);
	put_notes(json, &space->facts.notes);
	put_notes(json, &space->answers.notes);
	json_close_array(json);
}

/* What the target is compared with. */
static void put_old(struct json *json, const struct space *space)
{
	json_open_object(json, "old", true);
	put_identity(json, space);
	put_process(json, space);
	put_all_notes(json, space);
	json_close_object(json);
}

void render_json_target(struct json *json, const struct view *view, const struct view_info *info,
			bool explained)
{
	json_open_object(json, NULL, false);
	put_identity(json, view_space(view));
	put_elf(json, view_space(view));
	put_core(json, view_space(view));
	put_process(json, view_space(view));
	if (view->n_spaces > 1)
		put_old(json, view->spaces[1]);
	if (info->json_parts & JSON_REGIONS) {
		json_bool(json, "sections", view_space(view)->judgement.has_cuts);
		put_regions(json, view, info, explained);
	}
	if (info->array)
		render_json_rows(json, info->array, info->record, &view->rows);
	if (info->put_json)
		info->put_json(json, view);
	if (info->json_parts & JSON_MODULES)
		put_rows_of(json, "modules", &view_modules, view);
	if (info->json_parts & JSON_THREADS)
		put_rows_of(json, "threads", &view_threads, view);
	if (info->json_parts & JSON_TOTALS) {
		put_totals(json, view);
		put_named(json, view);
	}
	put_all_notes(json, view_space(view));
	json_close_object(json);
}

void render_json_list(struct json *json, const struct view *view, const struct view_info *info,
		      const struct notes *notes)
{
	render_json_begin(json, false);
	json_close_array(json);
	render_json_rows(json, info->array, info->record, &view->rows);
	json_open_array(json, "notes", false);
	put_notes(json, notes);
	json_close_array(json);
	json_close_object(json);
}
