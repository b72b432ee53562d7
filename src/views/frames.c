/* SPDX-License-Identifier: MIT */
/* A row a stack frame of one thread, and below them the stack by function. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/by_function.h"
#include "base/mem.h"
#include "elf/demangle.h"
#include "output/render_json.h"

/* A frame that takes a tenth of the stack is marked: in most stacks these are few. */
#define LARGE_PERCENT 10

/* ---- rows ---- */

struct frame_row {
	const struct frame *frame;
	const struct site *site;
	const char *function, *source; /* with the offset and the line; NULL: not known */
	uint64_t number, percent;
};

/* A name for people to read. */
static char *readable(const struct view *view, const char *name)
{
	char *text = view->demangles && name ? demangle(name) : NULL;

	return text || !name ? text : mem_copy(name, strlen(name));
}

static char *describe_function(const struct view *view, const struct site *site)
{
	_cleanup_free_ char *name = readable(view, site->function);

	if (!name || site->offset == UNKNOWN)
		return steal_text(&name);
	return mem_format("%s+0x%" PRIx64, name, site->offset);
}

static char *describe_source(const struct site *site)
{
	return site->source ? mem_format("%s:%" PRIu64, site->source, site->line) : NULL;
}

static uint64_t percentage(uint64_t size, uint64_t sum)
{
	return size == UNKNOWN || sum == 0 ? UNKNOWN : size * 100 / sum;
}

static void collect(const struct view *view, struct rows *rows)
{
	const struct frames *frames = view_space(view)->answers.frames;
	size_t n = frames ? frames->n : 0;
	struct frame_row *lines = mem_array(n, sizeof(*lines));
	_cleanup_free_ const char **names = mem_array(frames ? 2 * frames->n_sites : 0, sizeof(*names));
	uint64_t sum = frames ? frames_size(frames) : 0;

	for (size_t i = 0; frames && i < frames->n_sites; i++) {
		names[2 * i] = rows_keep(rows, describe_function(view, &frames->sites[i]));
		names[2 * i + 1] = rows_keep(rows, describe_source(&frames->sites[i]));
	}
	for (size_t i = 0; i < n; i++) {
		const struct frame *frame = &frames->frames[i];

		lines[i] = (struct frame_row){
			.frame = frame,
			.site = &frames->sites[frame->site],
			.function = names[2 * frame->site],
			.source = names[2 * frame->site + 1],
			.number = i,
			.percent = percentage(frame_size(frame), sum),
		};
	}
	rows_set(rows, lines, sizeof(*lines), n, lines);
}

/* ---- columns ---- */

static struct cell get_size(const struct column *column _unused_, const struct row *row)
{
	return cell_number(frame_size(((const struct frame_row *)row->data)->frame));
}

/* A name's cell, since that is blank where there is nothing to say. */
static struct cell get_mark(const struct column *column _unused_, const struct row *row)
{
	const struct frame_row *its = row->data;
	bool is_large = its->percent != UNKNOWN && its->percent >= LARGE_PERCENT;

	return cell_text(is_large ? "large" : its->frame->is_inlined ? "inlined" : NULL);
}

static struct cell get_module(const struct column *column _unused_, const struct row *row)
{
	return cell_name(row->space->facts.objects[((const struct frame_row *)row->data)->site->object]);
}

static const struct column frame_columns[] = {
	{ "NUMBER", CELL_NUMBER, .field = FIELD(struct frame_row, number), .help = "0 is the innermost" },
	{ "START", CELL_ADDRESS, .field = FIELD_BEHIND(struct frame_row, frame, start),
	  .help = "its stack pointer" },
	{ "END", CELL_ADDRESS, .field = FIELD_BEHIND(struct frame_row, frame, end),
	  .help = "its caller's stack pointer" },
	{ "SIZE", CELL_SIZE, .get = get_size, .help = "bytes from one to the other" },
	{ "PERCENT", CELL_NUMBER, .field = FIELD(struct frame_row, percent), .help = "of the stack in use" },
	{ "MARK", CELL_NAME, .get = get_mark,
	  .help = "large: a tenth of the stack or more; inlined: no frame of its own" },
	{ "PC", CELL_ADDRESS, .field = FIELD_BEHIND(struct frame_row, frame, pc),
	  .help = "where it is, or where it is returned to" },
	{ "FUNCTION", CELL_NAME, .shrinks = true, .keeps_start = true,
	  .field = FIELD(struct frame_row, function), .help = "symbol, and offset in that" },
	{ "SOURCE", CELL_NAME, .shrinks = true, .field = FIELD(struct frame_row, source),
	  .help = "source file and line" },
	{ "MODULE", CELL_NAME, .shrinks = true, .get = get_module, .help = "what the code was loaded from" },
	{ 0 },
};

/* ---- by function ---- */

struct use_row {
	const struct function_use *use;
	char *function;
};

static struct cell get_use_percent(const struct column *column _unused_, const struct row *row)
{
	return cell_number(percentage(((const struct use_row *)row->data)->use->size,
				      frames_size(row->space->answers.frames)));
}

static struct cell get_use_module(const struct column *column _unused_, const struct row *row)
{
	return cell_name(row->space->facts.objects[((const struct use_row *)row->data)->use->site->object]);
}

static const struct column function_columns[] = {
	{ "FUNCTION", CELL_NAME, .shrinks = true, .keeps_start = true,
	  .field = FIELD(struct use_row, function) },
	{ "FRAMES", CELL_NUMBER, .field = FIELD_BEHIND(struct use_row, use, frames) },
	{ "SIZE", CELL_SIZE, .field = FIELD_BEHIND(struct use_row, use, size) },
	{ "PERCENT", CELL_NUMBER, .get = get_use_percent },
	{ "MODULE", CELL_NAME, .shrinks = true, .get = get_use_module },
};

static void put_footer(struct out *out, const struct view *view, const struct layout *layout)
{
	const struct column *columns[ARRAY_SIZE(function_columns)];
	_cleanup_free_ struct function_use *uses = NULL;
	_cleanup_free_ struct use_row *use_rows = NULL;
	struct rows rows = { .view = view };
	size_t n;

	if (!view_space(view)->answers.frames)
		return;
	n = find_function_uses(view_space(view)->answers.frames, &uses);
	use_rows = mem_array(n, sizeof(*use_rows));
	for (size_t i = 0; i < n; i++)
		use_rows[i] = (struct use_row){ &uses[i], readable(view, uses[i].site->function) };
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		columns[i] = &function_columns[i];
	rows_set(&rows, use_rows, sizeof(*use_rows), n, NULL);
	out_char(out, '\n');
	table_print(out,
		    &(struct table){ .rows = &rows, .columns = columns, .n_columns = ARRAY_SIZE(columns) },
		    layout->style);
	for (size_t i = 0; i < n; i++)
		free(use_rows[i].function);
}

/* ---- JSON ---- */

static void put_function(struct json *json, const char *name)
{
	_cleanup_free_ char *demangled = name ? demangle(name) : NULL;

	json_text(json, "function", name, name ? strlen(name) : 0);
	json_text(json, "demangled", demangled, demangled ? strlen(demangled) : 0);
}

static void put_site(struct json *json, const struct space *space, const struct site *site)
{
	const struct object *object = space->facts.objects[site->object];

	put_function(json, site->function);
	json_number(json, "offset", site->offset);
	json_text(json, "module", object->name, object->name_len);
	json_text(json, "source", site->source, site->source ? strlen(site->source) : 0);
	json_number(json, "line", site->line);
}

static void put_frames(struct json *json, const struct view *view)
{
	json_open_array(json, "frames", false);
	for (size_t i = 0; i < view->rows.n; i++) {
		const struct frame_row *row = rows_get(&view->rows, i).data;
		const struct frame *frame = row->frame;

		json_open_object(json, NULL, true);
		json_number(json, "thread", (uint64_t)view_space(view)->answers.frames->tid);
		json_number(json, "number", row->number);
		render_json_address(json, "start", frame->start);
		render_json_address(json, "end", frame->end);
		json_number(json, "size", frame_size(frame));
		json_address(json, "pc", frame->pc);
		json_bool(json, "inlined", frame->is_inlined);
		put_site(json, view_space(view), row->site);
		json_close_object(json);
	}
	json_close_array(json);
}

static void put_functions(struct json *json, const struct space *space)
{
	_cleanup_free_ struct function_use *uses = NULL;
	size_t n = find_function_uses(space->answers.frames, &uses);

	json_open_array(json, "functions", false);
	for (size_t i = 0; i < n; i++) {
		const struct site *site = uses[i].site;
		const struct object *object = space->facts.objects[site->object];

		json_open_object(json, NULL, true);
		put_function(json, site->function);
		json_text(json, "module", object->name, object->name_len);
		json_number(json, "frames", uses[i].frames);
		json_number(json, "size", uses[i].size);
		json_close_object(json);
	}
	json_close_array(json);
}

static void put_json(struct json *json, const struct view *view)
{
	if (view_space(view)->answers.frames) {
		put_frames(json, view);
		put_functions(json, view_space(view));
	} else {
		json_null(json, "frames");
		json_null(json, "functions");
	}
}

const struct view_info view_frames = {
	.option = "--frames",
	.columns = frame_columns,
	.usual = "NUMBER,START,END,SIZE,PERCENT,MARK,PC,FUNCTION,SOURCE,MODULE",
	.needs = NEED_FRAMES | NEED_VDSO | NEED_BUILD_ID,
	.has_symbols = true,
	.is_apart = true,
	.collect = collect,
	.put_footer = put_footer,
	.put_json = put_json,
};
