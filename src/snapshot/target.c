/* SPDX-License-Identifier: MIT */
/* A target of a snapshot, member by member. */
#include "snapshot/target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "snapshot/usage.h"
#include "views/totals.h"

typedef int take_member_fn(struct target_reader *reader, const json_t *json, struct error *err);

/* ---- sums, which count if there are no regions ---- */

static const struct taker sum_takers[] = { { "usage", take_sum_usage }, { NULL } };

static int read_sum(struct target_reader *reader, const struct keys *keys, const json_t *json,
		    struct saved_sum *sum, struct error *err)
{
	struct total total = { 0 };
	int r;

	reader->sum = sum;
	r = keys_read(keys, reader->document, json, reader, &total, err);
	reader->sum = NULL;
	sum->regions = total.regions;
	sum->size = total.size;
	sum->padding = total.padding;
	if (r == 0 && (sum->regions == UNKNOWN || sum->size == UNKNOWN || sum->padding == UNKNOWN))
		return document_refuse(reader->document, err, "null: a number is needed");
	return r;
}

static int take_total(struct target_reader *reader, const json_t *json, struct error *err)
{
	static struct keys keys;
	const char *name = reader->document->place->key;
	enum kind kind = kind_find(name, strlen(name));

	if (keys.n == 0)
		keys_init(&keys, &total_record, sum_takers, ",usage,");
	if (kind == N_KINDS || strcmp(kinds[kind].name, name) != 0)
		return document_refuse(reader->document, err, "not a kind of memory");
	return read_sum(reader, &keys, json, &reader->space->facts.saved->totals[kind], err);
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

static int take_name_of_sum(void *context, void *row _unused_, const struct value *value, struct error *err)
{
	struct target_reader *reader = context;

	if (!value->cell.text)
		return document_refuse(reader->document, err, "null");
	reader->sum->object = facts_object(&reader->space->facts, 0, 0, 0, value->cell.text, value->cell.len);
	return 0;
}

static int take_named(struct target_reader *reader, const json_t *json, struct error *err)
{
	static const struct taker takers[] = { { "name", take_name_of_sum },
					       { "usage", take_sum_usage },
					       { NULL } };
	static struct keys keys;
	struct saved *saved = reader->space->facts.saved;

	if (keys.n == 0)
		keys_init(&keys, &named_record, takers, ",usage,");
	mem_grow(saved->named, saved->n_named, saved->cap_named);
	saved->named[saved->n_named] = (struct saved_sum){ 0 };
	return read_sum(reader, &keys, json, &saved->named[saved->n_named++], err);
}

/* ---- members ---- */

enum optional { NEEDED, OPTIONAL };

/*
 * Arrays are taken element by element. `part`: JSON_* of a member that a snapshot may lack; `answers`:
 * NEED_* that asks for it. Members with either may be null.
 */
static const struct member {
	const char *key;
	take_member_fn *take;
	bool is_array;
	enum optional optional;
	unsigned part, answers;
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
	{ "regions", take_region, true, OPTIONAL, .part = JSON_REGIONS },
	{ "pages", take_page_run, true, OPTIONAL, .answers = NEED_PAGES },
	{ "at", take_lookup, true, OPTIONAL },
	{ "frames", take_frame, true, OPTIONAL, .answers = NEED_FRAMES },
	{ "arenas", take_arena, true, OPTIONAL, .answers = NEED_HEAP },
	{ "blocks", take_block_group, true, OPTIONAL, .answers = NEED_BLOCKS },
	{ "modules", take_module, true, OPTIONAL, .part = JSON_MODULES },
	{ "threads", take_thread, true, OPTIONAL, .part = JSON_THREADS },
	{ "totals", take_totals, false, OPTIONAL, .part = JSON_TOTALS },
	{ "named", take_named, true, OPTIONAL, .part = JSON_TOTALS },
	{ "notes", take_note, true, NEEDED },
};

/* Arrays of other views, which are refused: the target would be shown without what it was saved for. */
static const struct {
	const char *key, *option;
} unread_arrays[] = {
	{ "changes", "--diff" },  { "block_changes", "--diff" }, { "heap_changes", "--diff" },
	{ "shared", "--shared" }, { "findings", "--check" },	 { "leaks", "--leaks" },
};

static int refuse_unread(struct target_reader *reader, const char *key, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(unread_arrays); i++)
		if (strcmp(key, unread_arrays[i].key) == 0)
			return document_refuse(reader->document, err,
					       "the output of %s --json cannot be read back",
					       unread_arrays[i].option);
	return 0;
}

static const struct member *find_member(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (strcmp(members[i].key, key) == 0)
			return &members[i];
	return NULL;
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

static int take_member(struct target_reader *reader, const char *key, struct error *err)
{
	const struct member *member = find_member(key);
	size_t i = member ? (size_t)(member - members) : 0;

	if (!member && refuse_unread(reader, key, err) < 0)
		return -EBADMSG;
	/* From a later version, or it follows from other members. */
	if (!member)
		return document_pass_over(reader->document, err);
	if (reader->seen & UINT32_C(1) << i)
		return document_refuse(reader->document, err, "a duplicate key");
	reader->seen |= UINT32_C(1) << i;
	if ((member->part || member->answers) && document_is_null(reader->document)) {
		reader->failed |= member->answers;
		return document_pass_over(reader->document, err);
	}
	reader->answered |= member->answers;
	reader->space->facts.saved->parts |= member->part;
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
				       "elf: an ELF file has it, and nothing else does");
	if (reader->has_core != (reader->space->facts.origin == ORIGIN_CORE))
		return document_refuse(reader->document, err,
				       "core: a core file has it, and nothing else does");
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

/* Notes what is to be shown of a target but was not saved. */
static void note_missing_parts(struct target_reader *reader)
{
	static const struct {
		unsigned part;
		const char *name, *option;
	} parts[] = {
		{ JSON_REGIONS, "regions", "" },
		{ JSON_MODULES, "modules", ", or --modules," },
		{ JSON_THREADS, "threads", ", or --threads," },
		{ JSON_TOTALS, "sums", ", or --summary," },
	};
	unsigned has = reader->space->facts.saved->parts;

	has |= has & JSON_REGIONS ? (unsigned)JSON_TOTALS : 0;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (reader->request->parts & ~has & parts[i].part)
			notes_warn(&reader->space->answers.notes, "snapshot-part",
				   "no %s: they were not saved; the map%s with --json saves them",
				   parts[i].name, parts[i].option);
}

void note_unsaved(struct target_reader *reader, unsigned need, const char *code, const char *text)
{
	if (reader->request->needs & need & ~(reader->answered | reader->failed))
		notes_warn(&reader->space->answers.notes, code, "%s", text);
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
	settle_heap(reader);
	r = settle_blocks(reader, err);
	reader->space->answers.sharing.is_missing = reader->request->needs & NEED_SHARING;
	note_unsaved(reader, NEED_SHARING, "snapshot-sharing",
		     "no shared regions: a snapshot shows no other processes");
	note_missing_parts(reader);
	return r;
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
