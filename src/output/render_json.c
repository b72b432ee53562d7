/* SPDX-License-Identifier: MIT */
#include "output/render_json.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "config.h"
#include "elf/machine.h"
#include "output/render_json_regions.h"
#include "output/render_json_rows.h"
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

/* UTC, ISO 8601; NO_TIME: null */
static void put_time(struct json *json, const char *key, int64_t seconds)
{
	time_t time = (time_t)seconds;
	char text[32];
	struct tm tm;

	if (seconds == NO_TIME || !gmtime_r(&time, &tm)) {
		json_null(json, key);
		return;
	}
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
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

/* The header of an ELF file; null for other targets. */
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

/* Only core files have this object. */
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
	json_number(json, "sender", core->sender >= 0 ? (uint64_t)core->sender : UNKNOWN);
	if (core->fault == UNKNOWN)
		json_null(json, "fault");
	else
		json_address(json, "fault", core->fault);
	json_number(json, "dumped", facts_dumped(&space->facts, 0, UINT64_MAX));
	json_number(json, "missing", core->missing);
	json_close_object(json);
}

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

/* An object with a key for each kind that is present. */
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

/* The old target, with which this one is compared. */
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
		render_json_regions(json, view, info, explained);
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
