/* SPDX-License-Identifier: MIT */
/* The stack frames in a snapshot: those of one thread. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "snapshot/target.h"
#include "views/rows.h"
#include "views/views.h"

static struct location *last_location(struct target_reader *reader)
{
	struct frames *frames = reader->space->answers.frames;

	return &frames->locations[frames->n_locations - 1];
}

static int take_tid(void *context, void *row _unused_, const struct value *value, struct error *err)
{
	struct target_reader *reader = context;
	struct frames *frames = reader->space->answers.frames;

	if (value->cell.number == 0 || value->cell.number > INT32_MAX ||
	    (frames->n > 1 && frames->tid != (int32_t)value->cell.number))
		return document_refuse(reader->document, err, "not the ID of the one thread");
	frames->tid = (int32_t)value->cell.number;
	return 0;
}

static char *copy(const struct value *value)
{
	return value->cell.text ? mem_copy(value->cell.text, value->cell.len) : NULL;
}

static int take_function(void *context, void *row _unused_, const struct value *value,
			 struct error *err _unused_)
{
	struct target_reader *reader = context;
	_cleanup_free_ char *name = copy(value);

	last_location(context)->function = frames_name(reader->space->answers.frames, name);
	return 0;
}

static int take_source_file(void *context, void *row _unused_, const struct value *value,
			    struct error *err _unused_)
{
	struct target_reader *reader = context;
	_cleanup_free_ char *name = copy(value);

	last_location(context)->source = frames_name(reader->space->answers.frames, name);
	return 0;
}

/* The module is known only by its name. */
static int take_module_name(void *context, void *row _unused_, const struct value *value,
			    struct error *err _unused_)
{
	struct target_reader *reader = context;

	reader->frame_modules[reader->n_frame_modules - 1] = copy(value);
	return 0;
}

static const struct taker takers[] = {
	{ "thread", take_tid },
	{ "number", keys_pass_over },
	{ "function", take_function },
	{ "demangled", keys_pass_over },
	{ "module", take_module_name },
	{ "source", take_source_file },
	{ NULL },
};

static void add_frame(struct target_reader *reader)
{
	struct frames *frames = reader->space->answers.frames;

	mem_grow(reader->frame_modules, reader->n_frame_modules, reader->cap_frame_modules);
	reader->frame_modules[reader->n_frame_modules++] = NULL;
	mem_grow(frames->locations, frames->n_locations, frames->cap_locations);
	frames->locations[frames->n_locations] = (struct location){ 0 };
	mem_grow(frames->frames, frames->n, frames->cap);
	frames->frames[frames->n++] = (struct frame){ .location = (uint32_t)frames->n_locations++ };
}

int take_frame(struct target_reader *reader, const json_t *json, struct error *err)
{
	static struct keys keys;
	struct answers *answers = &reader->space->answers;
	struct frame_row row = { 0 };
	struct frame *frame;
	int r;

	if (keys.n == 0)
		keys_init(&keys, view_frames.record, takers, NULL);
	if (!answers->frames)
		answers->frames = mem_alloc(sizeof(*answers->frames));
	add_frame(reader);
	frame = &answers->frames->frames[answers->frames->n - 1];
	row.frame = frame;
	row.location = last_location(reader);
	r = keys_read(&keys, reader->document, json, reader, &row, err);
	if (r == 0 && frame->end != UNKNOWN && (frame->start == UNKNOWN || frame->start > frame->end))
		return document_refuse(reader->document, err, "it ends before it starts");
	return r;
}

/* ---- what the code was loaded from ---- */

struct named_object {
	const char *name;
	uint32_t index;
};

static int compare_names(const void *a, const void *b)
{
	const struct named_object *x = a;
	const struct named_object *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->index > y->index) - (x->index < y->index);
}

static uint32_t find_object(struct facts *facts, const struct named_object *objects, size_t n,
			    const char *name)
{
	size_t low = 0;
	size_t high = n;

	while (name && low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(objects[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (name && low < n && strcmp(objects[low].name, name) == 0)
		return objects[low].index;
	return facts_object(facts, 0, 0, 0, name, name ? strlen(name) : 0);
}

static void set_objects(struct target_reader *reader, struct frames *frames)
{
	struct facts *facts = &reader->space->facts;
	_cleanup_free_ struct named_object *objects = mem_array(facts->n_objects, sizeof(*objects));
	size_t n = 0;

	for (size_t i = 0; i < facts->n_objects; i++)
		if (facts->objects[i]->name)
			objects[n++] = (struct named_object){ facts->objects[i]->name, (uint32_t)i };
	mem_sort(objects, n, sizeof(*objects), compare_names);
	for (size_t i = 0; i < frames->n_locations; i++)
		frames->locations[i].object = find_object(facts, objects, n, reader->frame_modules[i]);
}

static bool is_of_other_thread(const struct target_reader *reader)
{
	const struct request *request = reader->request;
	const struct frames *frames = reader->space->answers.frames;

	return frames && request->tid != NO_TID && request->tid != frames->tid;
}

void settle_frames(struct target_reader *reader)
{
	struct answers *answers = &reader->space->answers;
	bool is_asked = reader->request->needs & NEED_FRAMES;

	if (answers->frames)
		set_objects(reader, answers->frames);
	answers->frames_missing = is_asked && (!answers->frames || is_of_other_thread(reader));
	if (is_asked && is_of_other_thread(reader))
		notes_warn(&answers->notes, "snapshot-frames",
			   "no frames: those of another thread were saved");
	note_unsaved(reader, NEED_FRAMES, "snapshot-frames",
		     "no frames: they were not saved; --frames with --json saves them");
	if (!is_asked || answers->frames_missing) {
		frames_free(answers->frames);
		answers->frames = NULL;
	}
}
