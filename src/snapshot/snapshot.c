/* SPDX-License-Identifier: MIT */
#include "snapshot/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "snapshot/document.h"
#include "snapshot/target.h"

/* As render_json.c writes it. */
#define FORMAT 1

static struct snapshot *snapshot_of(struct source *source)
{
	return (struct snapshot *)source;
}

static int take_format(struct document *document, struct error *err)
{
	json_t *json = NULL;
	uint64_t format = 0;
	int r = document_value(document, &json, err);

	if (r < 0)
		return r;
	r = document_number(document, json, &format, err);
	if (r == 0 && format == 0)
		r = document_refuse(document, err, "not a format");
	if (r == 0 && format > FORMAT)
		r = document_refuse(document, err, "a later format than this version reads, which is %d",
				    FORMAT);
	document_release(document, json);
	return r;
}

static int begin_targets(struct snapshot *snapshot, struct error *err)
{
	if (snapshot->has_begun)
		return document_refuse(snapshot->document, err, "a duplicate key");
	if (!snapshot->has_format)
		return document_refuse(snapshot->document, err,
				       "not a snapshot of memmap: 'format' does not come first");
	snapshot->has_begun = true;
	return document_enter(snapshot->document, '[', err);
}

static int take_member(struct snapshot *snapshot, const char *key, struct error *err)
{
	struct document *document = snapshot->document;

	if (strcmp(key, "targets") == 0)
		return begin_targets(snapshot, err);
	if (strcmp(key, "processes") == 0 || strcmp(key, "groups") == 0)
		return document_refuse(document, err, "the output of --all --json cannot be read back");
	if (strcmp(key, "format") != 0)
		return document_pass_over(document, err);
	if (snapshot->has_format)
		return document_refuse(document, err, "a duplicate key");
	snapshot->has_format = true;
	return take_format(document, err);
}

/* Reads members of the document up to the targets. 1; 0: the document has ended; or -EBADMSG. */
static int find_targets(struct snapshot *snapshot, struct error *err)
{
	struct document *document = snapshot->document;
	bool has_begun = snapshot->has_begun;
	int r = 0;

	while (r == 0 && has_begun == snapshot->has_begun) {
		_cleanup_free_ char *key = NULL;
		struct place place = { 0 };

		r = document_next(document, '}', &snapshot->n_members, err);
		if (r <= 0)
			return r;
		r = document_key(document, &key, err);
		if (r < 0)
			return r;
		place.key = key;
		document->place = &place;
		r = take_member(snapshot, key, err);
		document->place = NULL;
	}
	return r < 0 ? r : 1;
}

static int begin(struct snapshot *snapshot, struct error *err)
{
	int r = document_enter(snapshot->document, '{', err);

	if (r == 0)
		r = find_targets(snapshot, err);
	if (r == 0)
		r = document_refuse(snapshot->document, err, "not a snapshot of memmap: it has no 'targets'");
	return MIN(r, 0);
}

/* After the last target, the document must end, with nothing after it. */
static int end(struct snapshot *snapshot, struct error *err)
{
	int r = find_targets(snapshot, err);

	if (r == 0)
		r = document_end(snapshot->document, err);
	snapshot->has_ended = true;
	return r < 0 ? r : error_set(err, -ENODATA, "a snapshot without any target");
}

static int read_space(struct source *source, const struct request *request, struct space *space,
		      struct error *err)
{
	struct snapshot *snapshot = snapshot_of(source);
	struct document *document = snapshot->document;
	struct place targets = { .key = "targets" };
	struct place place = { .up = &targets, .index = snapshot->n_targets };
	int r = snapshot->has_begun ? 0 : begin(snapshot, err);

	if (snapshot->has_ended)
		return error_set(err, -ENODATA, "no more targets");
	if (r == 0)
		r = document_next(document, ']', &snapshot->n_targets, err);
	if (r == 0)
		return end(snapshot, err);
	if (r < 0)
		return r;
	document->place = &place;
	r = read_saved_target(document, source, request, space, err);
	document->place = NULL;
	return r;
}

static void close_snapshot(struct source *source)
{
	struct snapshot *snapshot = snapshot_of(source);

	document_done(snapshot->document);
	free(snapshot->document);
	snapshot->document = NULL;
}

int snapshot_open(struct snapshot *snapshot, char *text, size_t len, struct error *err)
{
	static const struct source_ops ops = { .read_space = read_space, .close = close_snapshot };

	*snapshot = (struct snapshot){ .source = { .ops = &ops } };
	snapshot->document = mem_alloc(sizeof(*snapshot->document));
	return document_open(snapshot->document, text, len, err);
}
