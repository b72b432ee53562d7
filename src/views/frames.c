/* SPDX-License-Identifier: MIT */
/* One row per stack frame of one thread, and below them the stack by function. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/by_function.h"
#include "base/mem.h"
#include "elf/demangle.h"
#include "output/render_json_rows.h"
#include "views/rows.h"

/* A frame that takes a tenth of the stack is marked: in most stacks these are few. */
#define LARGE_PERCENT 10

#define FUNCTION_MIN 20 /* minimum width of a function name */

/* ---- rows ---- */

static char *demangled(const char *name)
{
	return name ? demangle(name) : NULL;
}

/* The name to show, demangled if that is wanted and possible. */
static const char *readable(const struct view *view, const char *name, const char *demangled)
{
	return view->demangles && demangled ? demangled : name;
}

static char *describe_function(const struct location *location, const char *name)
{
	if (!name)
		return NULL;
	if (location->offset == UNKNOWN)
		return mem_copy(name, strlen(name));
	return mem_format("%s+0x%" PRIx64, name, location->offset);
}

static char *describe_source(const struct location *location)
{
	return location->source ? mem_format("%s:%" PRIu64, location->source, location->line) : NULL;
}

/* The part of a row that all frames at one location share. */
static struct frame_row describe_location(const struct view *view, const struct location *location,
					  const char *plain, struct rows *rows)
{
	const char *readable_name;
	struct frame_row row = { .location = location, .demangled = plain };

	readable_name = readable(view, location->function, row.demangled);
	row.function = rows_keep(rows, describe_function(location, readable_name));
	row.source = rows_keep(rows, describe_source(location));
	return row;
}

static int compare_functions(const void *a, const void *b)
{
	const struct location *x = *(const struct location *const *)a;
	const struct location *y = *(const struct location *const *)b;

	return ((uintptr_t)x->function > (uintptr_t)y->function) -
	       ((uintptr_t)x->function < (uintptr_t)y->function);
}

/* The numbers of frames at each location. The caller frees them. */
static size_t *count_frames(const struct frames *frames)
{
	size_t *counts = mem_alloc(frames->n_locations * sizeof(*counts));

	for (size_t i = 0; i < frames->n; i++)
		counts[frames->frames[i].location]++;
	return counts;
}

/* A name that `n` frames show. A short one may be very long when demangled: it is shown as it is, then. */
static char *demangled_within(const char *name, size_t n, uint64_t *room)
{
	char *plain = demangled(name);
	uint64_t size = plain ? strlen(plain) * n : 0;

	if (size > *room) {
		free(plain);
		return NULL;
	}
	*room -= size;
	return plain;
}

/* Locations of one function share its name, which can be long: each is demangled once. */
static void describe_locations(const struct view *view, const struct frames *frames, struct rows *rows,
			       struct frame_row *ret)
{
	_cleanup_free_ const struct location **sorted = mem_array(frames->n_locations, sizeof(*sorted));
	_cleanup_free_ size_t *counts = count_frames(frames);
	uint64_t room = frames_room(frames);

	for (size_t i = 0; i < frames->n_locations; i++)
		sorted[i] = &frames->locations[i];
	mem_sort(sorted, frames->n_locations, sizeof(*sorted), compare_functions);
	for (size_t i = 0, end = 0; i < frames->n_locations; i = end) {
		const char *plain;
		size_t n = 0;

		for (; end < frames->n_locations && sorted[end]->function == sorted[i]->function; end++)
			n += counts[sorted[end] - frames->locations];
		plain = rows_keep(rows, demangled_within(sorted[i]->function, n, &room));
		for (size_t k = i; k < end; k++)
			ret[sorted[k] - frames->locations] = describe_location(view, sorted[k], plain, rows);
	}
}

static void collect(const struct view *view, struct rows *rows)
{
	const struct frames *frames = view_space(view)->answers.frames;
	size_t n = frames ? frames->n : 0;
	struct frame_row *lines = mem_array(n, sizeof(*lines));
	_cleanup_free_ struct frame_row *locations =
		mem_array(frames ? frames->n_locations : 0, sizeof(*locations));
	uint64_t sum = frames ? frames_size(frames) : 0;

	if (frames)
		describe_locations(view, frames, rows, locations);
	for (size_t i = 0; i < n; i++) {
		const struct frame *frame = &frames->frames[i];

		lines[i] = locations[frame->location];
		lines[i].frame = frame;
		lines[i].number = i;
		lines[i].percent = cell_percent(frame_size(frame), sum);
	}
	rows_set(rows, lines, sizeof(*lines), n, lines);
	rows->is_unknown = !frames;
}

/* ---- columns ---- */

static struct cell get_size(const struct column *column _unused_, const struct row *row)
{
	return cell_number(frame_size(((const struct frame_row *)row->data)->frame));
}

/* The cell of a CELL_NAME column: it is blank if there is no mark. */
static struct cell get_mark(const struct column *column _unused_, const struct row *row)
{
	const struct frame_row *its = row->data;
	bool is_large = its->percent != UNKNOWN && its->percent >= LARGE_PERCENT;

	return cell_text(is_large ? "large" : its->frame->is_inlined ? "inlined" : NULL);
}

static struct cell get_module(const struct column *column _unused_, const struct row *row)
{
	return cell_name(row->space->facts.objects[((const struct frame_row *)row->data)->location->object]);
}

static struct cell get_thread(const struct column *column _unused_, const struct row *row)
{
	return cell_number((uint64_t)row->space->answers.frames->tid);
}

static const struct column frame_columns[] = {
	{ "NUMBER", CELL_NUMBER, .key = "number", .field = FIELD(struct frame_row, number),
	  .help = "0 is the innermost" },
	{ "START", CELL_ADDRESS, .yields = 8, .key = "start",
	  .field = FIELD_BEHIND(struct frame_row, frame, start), .help = "its stack pointer" },
	{ "END", CELL_ADDRESS, .yields = 9, .key = "end", .field = FIELD_BEHIND(struct frame_row, frame, end),
	  .help = "its caller's stack pointer" },
	{ "SIZE", CELL_SIZE, .key = "size", .get = get_size, .help = "bytes from one to the other" },
	{ "PERCENT", CELL_NUMBER, .yields = 4, .field = FIELD(struct frame_row, percent),
	  .help = "percent of the stack in use" },
	{ "MARK", CELL_NAME, .yields = 3, .get = get_mark,
	  .help = "large: a tenth of the stack or more; inlined: no frame of its own" },
	{ "PC", CELL_ADDRESS, .yields = 7, .takes_every = true, .key = "pc",
	  .field = FIELD_BEHIND(struct frame_row, frame, pc),
	  .help = "where it is; for a caller, where the call returns to" },
	{ "FUNCTION", CELL_NAME, .shrinks = true, .least = FUNCTION_MIN, .keeps_start = true,
	  .field = FIELD(struct frame_row, function), .help = "symbol, and offset in it" },
	{ "SOURCE", CELL_NAME, .yields = 5, .shrinks = true, .field = FIELD(struct frame_row, source),
	  .help = "source file and line" },
	{ "MODULE", CELL_NAME, .yields = 6, .shrinks = true, .key = "module", .get = get_module,
	  .help = "what the code was loaded from" },
	TARGET_COLUMNS,
	{ NULL, CELL_NUMBER, .key = "thread", .get = get_thread },
	{ NULL, CELL_ANSWER, .key = "inlined", .field = FIELD_BEHIND(struct frame_row, frame, is_inlined) },
	{ NULL, CELL_NAME, .key = "function", .field = FIELD_BEHIND(struct frame_row, location, function) },
	{ NULL, CELL_NAME, .key = "demangled", .field = FIELD(struct frame_row, demangled) },
	{ NULL, CELL_OFFSET, .key = "offset", .field = FIELD_BEHIND(struct frame_row, location, offset) },
	{ NULL, CELL_NAME, .key = "source", .field = FIELD_BEHIND(struct frame_row, location, source) },
	{ NULL, CELL_NUMBER, .key = "line", .field = FIELD_BEHIND(struct frame_row, location, line) },
	{ 0 },
};

static const struct record frame_record = {
	frame_columns,
	"thread,number,start,end,size,pc,inlined,function,demangled,offset,module,source,line",
};

/* ---- by function ---- */

struct use_row {
	const struct function_use *use;
	const char *name, *readable, *demangled; /* of the function */
	uint64_t percent;			 /* of the stack in use */
};

static struct cell get_use_module(const struct column *column _unused_, const struct row *row)
{
	return cell_name(
		row->space->facts.objects[((const struct use_row *)row->data)->use->location->object]);
}

static const struct column function_columns[] = {
	{ "FUNCTION", CELL_NAME, .shrinks = true, .least = FUNCTION_MIN, .keeps_start = true,
	  .field = FIELD(struct use_row, readable) },
	{ "FRAMES", CELL_NUMBER, .key = "frames", .field = FIELD_BEHIND(struct use_row, use, frames) },
	{ "SIZE", CELL_SIZE, .key = "size", .field = FIELD_BEHIND(struct use_row, use, size) },
	{ "PERCENT", CELL_NUMBER, .yields = 4, .field = FIELD(struct use_row, percent) },
	{ "MODULE", CELL_NAME, .yields = 6, .shrinks = true, .key = "module", .get = get_use_module },
	{ NULL, CELL_NAME, .key = "function", .field = FIELD(struct use_row, name) },
	{ NULL, CELL_NAME, .key = "demangled", .field = FIELD(struct use_row, demangled) },
	{ 0 },
};

#define N_SHOWN 5 /* of these columns, in a table */

static const struct record function_record = {
	function_columns,
	"function,demangled,module,frames,size",
};

/* The rows point into *ret, which the caller frees. */
static void collect_uses(const struct view *view, struct rows *rows, struct function_use **ret)
{
	const struct frames *frames = view_space(view)->answers.frames;
	size_t n = frames ? find_function_uses(frames, ret) : 0;
	struct use_row *lines = mem_array(n, sizeof(*lines));
	uint64_t sum = frames ? frames_size(frames) : 0;
	uint64_t room = frames ? frames_room(frames) : 0;

	for (size_t i = 0; i < n; i++) {
		const char *name = (*ret)[i].location->function;
		const char *plain = rows_keep(rows, demangled_within(name, 1, &room));

		lines[i] = (struct use_row){ &(*ret)[i], name, readable(view, name, plain), plain,
					     cell_percent((*ret)[i].size, sum) };
	}
	rows_set(rows, lines, sizeof(*lines), n, lines);
	rows->is_unknown = !frames;
}

static void put_footer(struct out *out, const struct view *view, const struct layout *layout)
{
	const struct column *columns[N_SHOWN];
	_cleanup_free_ struct function_use *uses = NULL;
	_cleanup_(rows_done) struct rows rows = { .view = view };

	collect_uses(view, &rows, &uses);
	if (rows.is_unknown)
		return;
	for (size_t i = 0; i < N_SHOWN; i++)
		columns[i] = &function_columns[i];
	out_char(out, '\n');
	table_print(out,
		    &(struct table){
			    .rows = &rows, .columns = columns, .n_columns = N_SHOWN, .n_yielding = N_SHOWN },
		    layout->style);
}

static void put_json(struct json *json, const struct view *view)
{
	_cleanup_free_ struct function_use *uses = NULL;
	_cleanup_(rows_done) struct rows rows = { .view = view };

	collect_uses(view, &rows, &uses);
	render_json_rows(json, "functions", &function_record, &rows);
}

const struct view_info view_frames = {
	.option = "--frames",
	.identity = "NUMBER",
	.columns = frame_columns,
	.usual = "NUMBER,START,END,SIZE,PERCENT,MARK,PC,FUNCTION,SOURCE,MODULE",
	.needs = NEED_FRAMES | NEED_VDSO | NEED_BUILD_ID,
	.has_symbols = true,
	.not_regions = true,
	.collect = collect,
	.put_footer = put_footer,
	.record = &frame_record,
	.array = "frames",
	.put_json = put_json,
};
