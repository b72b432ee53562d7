/* SPDX-License-Identifier: MIT */
/* The sums and limits of a process in a snapshot. */
#include "snapshot/target.h"
#include "views/views.h"

/* A limit, and how much of it was used. */
struct saved_limit {
	struct limit limit; /* the first member: columns have fields in it */
	uint64_t used;
};

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

/* As for a process, the size of a core is known only if the request would read smaps. */
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
