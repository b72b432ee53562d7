/* SPDX-License-Identifier: MIT */
/* A target of a snapshot, member by member. */
#include "snapshot/target.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "snapshot/usage.h"
#include "views/totals.h"

typedef int take_member_fn(struct target_reader *reader, const json_t *json, struct error *err);

/* ---- what follows from the rest ---- */

static int take_total(struct target_reader *reader, const json_t *json, struct error *err)
{
	static const struct taker takers[] = { { NULL } };
	static struct keys keys;
	struct total total;

	if (keys.n == 0)
		keys_init(&keys, &total_record, takers, ",usage,");
	return keys_read(&keys, reader->document, json, reader, &total, err);
}

static int take_totals(struct target_reader *reader, const json_t *json, struct error *err)
{
	const struct jansson *lib = reader->document->lib;
	struct place place = { .up = reader->document->place };
	int r = 0;

	if (!json_is_object(json))
		return document_refuse(reader->document, err, "not an object");
	reader->document->place = &place;
	for (void *i = lib->json_object_iter((json_t *)json); i && r == 0;
	     i = lib->json_object_iter_next((json_t *)json, i)) {
		place.key = lib->json_object_iter_key(i);
		r = take_total(reader, lib->json_object_iter_value(i), err);
	}
	reader->document->place = place.up;
	return r;
}

static int take_named(struct target_reader *reader, const json_t *json, struct error *err)
{
	static const struct taker takers[] = { { NULL } };
	static struct keys keys;
	struct total total;

	if (keys.n == 0)
		keys_init(&keys, &named_record, takers, ",usage,");
	return keys_read(&keys, reader->document, json, reader, &total, err);
}

/* ---- members ---- */

enum optional { NEEDED, OPTIONAL };

/* What is an array is taken element by element. */
static const struct member {
	const char *key;
	take_member_fn *take;
	bool is_array;
	enum optional optional;
} members[] = {
	{ "source", take_source, false, NEEDED },
	{ "pid", take_pid, false, NEEDED },
	{ "ppid", take_ppid, false, NEEDED },
	{ "comm", take_own_name, false, NEEDED },
	{ "comm_hex", take_own_bytes, false, OPTIONAL },
	{ "exe", take_own_name, false, NEEDED },
	{ "exe_hex", take_own_bytes, false, OPTIONAL },
	{ "user", take_own_name, false, NEEDED },
	{ "user_hex", take_own_bytes, false, OPTIONAL },
	{ "taken_at", take_time, false, NEEDED },
	{ "page_size", take_page_size, false, NEEDED },
	{ "elf", take_elf, false, NEEDED },
	{ "core", take_core, false, OPTIONAL },
	{ "process", take_process, false, NEEDED },
	{ "sections", take_cuts, false, OPTIONAL },
	{ "regions", take_region, true, NEEDED },
	{ "pages", take_page_run, true, OPTIONAL },
	{ "at", take_lookup, true, OPTIONAL },
	{ "frames", take_frame, true, OPTIONAL },
	{ "modules", take_module, true, OPTIONAL },
	{ "threads", take_thread, true, OPTIONAL },
	{ "totals", take_totals, false, OPTIONAL },
	{ "named", take_named, true, OPTIONAL },
	{ "notes", take_note, true, NEEDED },
};

static const struct member *find_member(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (strcmp(members[i].key, key) == 0)
			return &members[i];
	return NULL;
}

/* Of a later version, or what follows from the rest. */
static int pass_over(struct target_reader *reader _unused_, const json_t *json _unused_,
		     struct error *err _unused_)
{
	return 0;
}

static int take_value(struct target_reader *reader, take_member_fn *take, struct error *err)
{
	json_t *json = NULL;
	int r = document_value(reader->document, &json, err);

	if (r < 0)
		return r;
	r = take(reader, json, err);
	document_release(reader->document, json);
	return r;
}

static int take_elements(struct target_reader *reader, take_member_fn *take, struct error *err)
{
	struct document *document = reader->document;
	struct place place = { .up = document->place };
	size_t count = 0;
	int r = document_enter(document, '[', err);

	if (r < 0)
		return r;
	document->place = &place;
	while (r == 0 && (r = document_next(document, ']', &count, err)) > 0) {
		place.index = count - 1;
		r = take_value(reader, take, err);
	}
	document->place = place.up;
	return r;
}

/* What could not be read then, and would have been an array. */
static void note_null(struct target_reader *reader, const struct member *member)
{
	reader->is_pages_null |= member->take == take_page_run;
	reader->is_frames_null |= member->take == take_frame;
}

static bool is_nullable(const struct member *member)
{
	return member && (member->take == take_page_run || member->take == take_frame);
}

static int take_member(struct target_reader *reader, const char *key, struct error *err)
{
	const struct member *member = find_member(key);
	size_t i = member ? (size_t)(member - members) : 0;

	if (!member)
		return take_value(reader, pass_over, err);
	if (reader->seen & UINT32_C(1) << i)
		return document_refuse(reader->document, err, "a key that is there twice");
	reader->seen |= UINT32_C(1) << i;
	if (is_nullable(member) && document_is_null(reader->document)) {
		note_null(reader, member);
		return take_value(reader, pass_over, err);
	}
	reader->has_pages |= member->take == take_page_run;
	return member->is_array ? take_elements(reader, member->take, err) :
				  take_value(reader, member->take, err);
}

static int take_members_of_target(struct target_reader *reader, struct error *err)
{
	struct document *document = reader->document;
	struct place place = { .up = document->place };
	size_t count = 0;
	int r = document_enter(document, '{', err);

	if (r < 0)
		return r;
	while (r == 0 && (r = document_next(document, '}', &count, err)) > 0) {
		_cleanup_free_ char *key = NULL;

		r = document_key(document, &key, err);
		if (r < 0)
			break;
		place.key = key;
		document->place = &place;
		r = take_member(reader, key, err);
		document->place = place.up;
	}
	return r;
}

static int check_members(struct target_reader *reader, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (members[i].optional == NEEDED && !(reader->seen & UINT32_C(1) << i))
			return document_refuse(reader->document, err, "'%s' is missing", members[i].key);
	if (reader->has_elf != (reader->space->facts.origin == ORIGIN_ELF))
		return document_refuse(reader->document, err,
				       "elf: what an ELF file has, and nothing else has");
	if (reader->has_core != (reader->space->facts.origin == ORIGIN_CORE))
		return document_refuse(reader->document, err,
				       "core: what a core file has, and nothing else has");
	return 0;
}

static void free_lookups(struct target_reader *reader)
{
	for (size_t i = 0; i < reader->n_lookups; i++) {
		free((char *)reader->lookups[i].query);
		free(reader->lookups[i].symbol);
		free(reader->lookups[i].section);
	}
	free(reader->lookups);
}

static void done(struct target_reader *reader)
{
	for (size_t i = 0; i < reader->n_regions; i++) {
		free(reader->regions[i].name);
		free(reader->regions[i].section);
	}
	for (size_t i = 0; i < reader->n_modules; i++) {
		free(reader->modules[i].path);
		free(reader->modules[i].image);
	}
	for (size_t i = 0; i < reader->n_frame_modules; i++)
		free(reader->frame_modules[i]);
	free_lookups(reader);
	free(reader->regions);
	free(reader->sections);
	free(reader->are_apportioned);
	free(reader->counters);
	free(reader->modules);
	free(reader->stacks);
	free(reader->frame_modules);
}

static int read_all(struct target_reader *reader, struct source *source, struct error *err)
{
	int r = take_members_of_target(reader, err);

	if (r == 0)
		r = check_members(reader, err);
	if (r == 0)
		r = settle_regions(reader, err);
	if (r == 0)
		r = settle_modules(reader, err);
	if (r < 0)
		return r;
	settle_threads(reader);
	r = settle_pages(reader, err);
	if (r < 0)
		return r;
	settle_lookups(reader, source);
	settle_frames(reader);
	return 0;
}

int read_saved_target(struct document *document, struct source *source, const struct request *request,
		      struct space *space, struct error *err)
{
	struct target_reader reader = { .document = document, .request = request, .space = space };
	int r;

	space->facts.saved = mem_alloc(sizeof(*space->facts.saved));
	r = read_all(&reader, source, err);
	done(&reader);
	return r;
}
