/* SPDX-License-Identifier: MIT */
#include "commands/save.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/new_file.h"
#include "output/render_json.h"

/* What a snapshot can hold in addition to the map. */
#define SAVED_NEEDS (NEED_PAGES | NEED_LOOKUPS | NEED_FRAMES | NEED_HEAP | NEED_BLOCKS)

/* The view of the map, plus what the shown view has beyond it. */
static struct view_info snapshot_view(const struct view_info *map, const struct view_info *shown)
{
	struct view_info view = *map;

	if (!(shown->needs & SAVED_NEEDS))
		return view;
	view.needs |= shown->needs;
	view.counters |= shown->counters;
	view.array = shown->array;
	view.record = shown->record;
	view.put_json = shown->put_json;
	view.collect = shown->collect;
	return view;
}

/* The selection and queries of the shown view go into the request; the map is not narrowed. */
static struct request snapshot_request(const struct options *own, const struct options *options)
{
	struct request request = options_request(own);

	request.selection = options->spec.selection;
	request.queries = options->queries;
	request.n_queries = options->n_queries;
	request.tid = options->frames_tid;
	request.wants_debuginfod = options->wants_debuginfod;
	request.stops = options->stops;
	return request;
}

static void put_snapshot(struct out *out, const struct options *options, const struct space *space)
{
	const struct space *const spaces[] = { space };
	struct json json;
	struct view view;

	json_init(&json, out);
	render_json_begin(&json, false);
	view_build(&view, spaces, 1, &options->spec);
	render_json_target(&json, &view, options->view, false);
	view_done(&view);
	render_json_end(&json);
}

static int replace_file(const struct options *options, const struct space *space, const char *path,
			struct error *err)
{
	_cleanup_free_ struct out *out = mem_array(1, sizeof(*out));
	struct new_file file;
	int r = new_file_begin(&file, path, err);
	int written;

	if (r < 0)
		return r;
	setvbuf(file.file, NULL, _IONBF, 0);
	out_init(out, file.file);
	put_snapshot(out, options, space);
	written = out_flush(out);
	r = new_file_finish(&file, written == 0, err);
	return written < 0 ? error_set(err, written, "cannot write: %s", strerror(-written)) : r;
}

int save_snapshot(const struct options *options, const struct target *target,
		  const struct successor *successor, const char *path, struct error *err)
{
	struct options own;
	struct view_info view;
	struct request request;
	struct space space;
	int r;

	options_for_snapshot(options, &own);
	view = snapshot_view(own.view, options->view);
	own.view = &view;
	own.spec.collect = view.collect;
	own.spec.demangles = options->spec.demangles;
	request = snapshot_request(&own, options);
	r = read_guarded(&(struct read_settings){ own.procfs, NULL, &request, NULL, NULL }, target, successor,
			 &space, err);
	if (r == 0) {
		struct error why;

		r = replace_file(&own, &space, path, &why);
		if (r < 0)
			error_set(err, r, "cannot write %.200s: %.200s", path, why.text);
		space_done(&space);
	}
	options_done(&own);
	return r;
}
