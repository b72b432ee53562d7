/* SPDX-License-Identifier: MIT */
/* Answers in a snapshot to what was asked when it was made: pages, and what is at addresses. */
#include <stdlib.h>
#include <string.h>

#include "analysis/selection.h"
#include "base/mem.h"
#include "inspect/lookup.h"
#include "snapshot/target.h"
#include "views/rows.h"
#include "views/views.h"

/* ---- pages ---- */

static int take_state(void *context, void *row, const struct value *value, struct error *err)
{
	struct target_reader *reader = context;
	size_t state =
		value->cell.text ? keys_word(&value->cell, page_state_names, N_PAGE_STATES) : PAGES_UNKNOWN;

	((struct page_run *)row)->state = (uint8_t)state;
	return state < N_PAGE_STATES ? 0 : document_refuse(reader->document, err, "not a state of a page");
}

static int read_page_run(struct target_reader *reader, const json_t *json, struct page_run *run,
			 struct error *err)
{
	static const struct taker takers[] = { { "size", keys_pass_over },
					       { "state", take_state },
					       { NULL } };
	static struct keys keys;
	int r;

	if (keys.n == 0)
		keys_init(&keys, &page_record, takers, NULL);
	r = keys_read(&keys, reader->document, json, reader, run, err);
	if (r == 0 && run->start >= run->end)
		return document_refuse(reader->document, err, "it ends before it starts");
	return r;
}

int take_page_run(struct target_reader *reader, const json_t *json, struct error *err)
{
	struct answers *answers = &reader->space->answers;
	struct page_run run;
	int r = read_page_run(reader, json, &run, err);

	if (r < 0)
		return r;
	if (answers->n_page_runs > 0 && run.start < answers->page_runs[answers->n_page_runs - 1].end)
		return document_refuse(reader->document, err, "it overlaps the pages before it");
	mem_grow(answers->page_runs, answers->n_page_runs, answers->cap_page_runs);
	answers->page_runs[answers->n_page_runs++] = run;
	return 0;
}

/* By region, whether it is asked about and some of its pages were saved. */
enum { NOT_ASKED, ASKED, ANSWERED };

static void keep_runs(struct answers *answers, uint8_t *asked)
{
	size_t n = 0;

	for (size_t i = 0; i < answers->n_page_runs; i++) {
		const struct page_run *run = &answers->page_runs[i];

		if (asked[run->region] == NOT_ASKED)
			continue;
		asked[run->region] = ANSWERED;
		answers->page_runs[n++] = *run;
	}
	answers->n_page_runs = n;
}

static bool has_pages(const struct space *space, const struct region *region)
{
	uint64_t size = space->facts.page_size;

	return page_ceil(region->start, size) < page_ceil(region->end, size) &&
	       !is_above_user_space(page_ceil(region->end, size));
}

static void note_unsaved_pages(struct target_reader *reader, const uint8_t *asked)
{
	const struct judgement *judgement = &reader->space->judgement;
	size_t n = 0;

	for (size_t i = 0; i < judgement->n_regions; i++)
		n += asked[i] == ASKED && has_pages(reader->space, &judgement->regions[i]);
	if (n > 0)
		notes_warn(&reader->space->answers.notes, "snapshot-pages",
			   "no pages of %zu region%s: they were not saved", n, n == 1 ? "" : "s");
}

static int find_regions_of_runs(struct target_reader *reader, struct error *err)
{
	struct answers *answers = &reader->space->answers;

	for (size_t i = 0; i < answers->n_page_runs; i++) {
		struct page_run *run = &answers->page_runs[i];

		run->region = judgement_region(&reader->space->judgement, run->start);
		if (run->region == NO_REGION)
			return document_refuse(reader->document, err,
					       "pages: those at 0x%llx are in no region",
					       (unsigned long long)run->start);
	}
	return 0;
}

int settle_pages(struct target_reader *reader, struct error *err)
{
	struct space *space = reader->space;
	struct answers *answers = &space->answers;
	bool is_asked = reader->request->needs & NEED_PAGES;
	_cleanup_free_ uint32_t *regions = NULL;
	_cleanup_free_ uint8_t *asked = NULL;
	size_t n;
	int r = find_regions_of_runs(reader, err);

	if (r < 0)
		return r;
	asked = mem_alloc(space->judgement.n_regions + 1);
	regions = select_regions(space, &reader->request->selection, &n);
	for (size_t i = 0; i < n && is_asked; i++)
		asked[regions[i]] = ASKED;
	keep_runs(answers, asked);
	if (!is_asked)
		return 0;
	answers->pages_missing = !has_answer(reader, NEED_PAGES);
	if (has_answer(reader, NEED_PAGES))
		note_unsaved_pages(reader, asked);
	note_unsaved(reader, NEED_PAGES, "snapshot-pages",
		     "no pages: they were not saved; --pages with --json saves them");
	return 0;
}

/* ---- addresses ---- */

static struct lookup *last_lookup(struct target_reader *reader)
{
	return &reader->lookups[reader->n_lookups - 1];
}

static int take_query(void *context, void *row _unused_, const struct value *value, struct error *err)
{
	struct target_reader *reader = context;

	if (!value->cell.text)
		return document_refuse(reader->document, err, "null");
	last_lookup(reader)->query = mem_copy(value->cell.text, value->cell.len);
	return 0;
}

static int take_section(void *context, void *row _unused_, const struct value *value,
			struct error *err _unused_)
{
	last_lookup(context)->section = value->cell.text ? mem_copy(value->cell.text, value->cell.len) : NULL;
	return 0;
}

static int take_symbol_name(void *context, void *row _unused_, const struct value *value, struct error *err)
{
	struct target_reader *reader = context;

	if (!value->cell.text)
		return document_refuse(reader->document, err, "null");
	last_lookup(reader)->symbol = mem_copy(value->cell.text, value->cell.len);
	return 0;
}

static int take_symbol(void *context, void *row, const struct value *value, struct error *err)
{
	static const struct taker takers[] = { { "name", take_symbol_name },
					       { "demangled", keys_pass_over },
					       { NULL } };
	static struct keys keys;
	struct target_reader *reader = context;

	if (json_is_null(value->json))
		return 0;
	if (keys.n == 0)
		keys_init(&keys, keys_record(view_at.record, "symbol"), takers, NULL);
	return keys_read(&keys, reader->document, value->json, reader, row, err);
}

static int take_page(void *context, void *row _unused_, const struct value *value, struct error *err)
{
	struct target_reader *reader = context;
	struct lookup *lookup = last_lookup(reader);

	if (json_is_null(value->json))
		return 0;
	lookup->has_page = true;
	return read_page_run(reader, value->json, &lookup->page, err);
}

static int take_region_at(void *context, void *row _unused_, const struct value *value, struct error *err)
{
	return take_extra_region(context, value->json, err);
}

/* A region next to the address; its distance follows from the two. */
static int take_neighbour(void *context, void *row _unused_, const struct value *value, struct error *err)
{
	struct target_reader *reader = context;
	struct place place = { .up = reader->document->place, .key = "region" };
	const json_t *region = json_is_object(value->json) ?
				       reader->document->lib->json_object_get(value->json, place.key) :
				       NULL;
	int r;

	if (json_is_null(value->json))
		return 0;
	if (!region)
		return document_refuse(reader->document, err, "not a region and its distance");
	reader->document->place = &place;
	r = take_extra_region(reader, region, err);
	reader->document->place = place.up;
	return r;
}

static const struct taker takers[] = {
	{ "query", take_query },     { "section", take_section }, { "block", keys_pass_over },
	{ "symbol", take_symbol },   { "page", take_page },	  { "region", take_region_at },
	{ "below", take_neighbour }, { "above", take_neighbour }, { NULL },
};

int take_lookup(struct target_reader *reader, const json_t *json, struct error *err)
{
	static struct keys keys;
	struct at_row row = { 0 };

	if (keys.n == 0)
		keys_init(&keys, view_at.record, takers, ",block,");
	mem_grow(reader->lookups, reader->n_lookups, reader->cap_lookups);
	reader->lookups[reader->n_lookups++] = (struct lookup){ .region = NO_REGION, .file_offset = UNKNOWN };
	row.lookup = last_lookup(reader);
	return keys_read(&keys, reader->document, json, reader, &row, err);
}

static struct lookup *find_saved(struct target_reader *reader, const char *query)
{
	for (size_t i = 0; i < reader->n_lookups; i++)
		if (strcmp(reader->lookups[i].query, query) == 0)
			return &reader->lookups[i];
	return NULL;
}

static char *copy_text(const char *text)
{
	return text ? mem_copy(text, strlen(text)) : NULL;
}

static void add_saved(struct target_reader *reader, const struct lookup *saved, const char *query)
{
	struct answers *answers = &reader->space->answers;
	struct lookup lookup = *saved;

	lookup.query = query;
	lookup.symbol = copy_text(saved->symbol);
	lookup.section = copy_text(saved->section);
	if (lookup.addr != UNKNOWN)
		lookup.region = judgement_region(&reader->space->judgement, lookup.addr);
	mem_grow(answers->lookups, answers->n_lookups, answers->cap_lookups);
	answers->lookups[answers->n_lookups++] = lookup;
}

/* For a query that was not asked then, regions answer what they can. */
static void add_unsaved(struct target_reader *reader, struct source *source, const char *query)
{
	struct space *space = reader->space;
	struct request request = { .queries = &query, .n_queries = 1 };

	read_lookups(source, space, &request, &space->answers);
}

void settle_lookups(struct target_reader *reader, struct source *source)
{
	struct answers *answers = &reader->space->answers;
	const struct request *request = reader->request;
	size_t n_unsaved = 0;
	size_t n_nowhere = 0;
	const struct lookup *last;

	for (size_t i = 0; i < request->n_queries && request->needs & NEED_LOOKUPS; i++) {
		const struct lookup *saved = find_saved(reader, request->queries[i]);

		if (saved) {
			add_saved(reader, saved, request->queries[i]);
			continue;
		}
		n_unsaved++;
		add_unsaved(reader, source, request->queries[i]);
		last = &answers->lookups[answers->n_lookups - 1];
		n_nowhere += last->addr != UNKNOWN && last->region == NO_REGION;
	}
	if (n_unsaved > 0)
		notes_warn(
			&answers->notes, "snapshot-symbols",
			"no symbols, sections or pages where --at did not look when the snapshot was made");
	if (request->wants_contents && request->needs & NEED_LOOKUPS)
		notes_warn(&answers->notes, "snapshot-contents",
			   "no contents: blocks that --at found are not read back from a snapshot");
	if (n_nowhere > 0 && lacks_mappings(&reader->space->facts))
		notes_warn(&answers->notes, "snapshot-narrowed",
			   "the snapshot has only part of the address space: something may be there");
}
