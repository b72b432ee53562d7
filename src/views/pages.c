/* SPDX-License-Identifier: MIT */
/* One row per run of neighbouring pages that are alike. */
#include "output/render_page_grid.h"
#include "views/views.h"

static struct cell get_size(const struct column *column _unused_, const struct row *row)
{
	const struct page_run *run = row->data;

	return cell_number(run->end - run->start);
}

static struct cell get_pages(const struct column *column _unused_, const struct row *row)
{
	const struct page_run *run = row->data;

	return cell_number((run->end - run->start) / row->space->facts.page_size);
}

static const struct region *region_of(const struct space *space, const void *row)
{
	return &space->judgement.regions[((const struct page_run *)row)->region];
}

static struct cell get_kind(const struct column *column _unused_, const struct row *row)
{
	return cell_kind(region_of(row->space, row->data)->kind);
}

static struct cell get_name(const struct column *column _unused_, const struct row *row)
{
	return cell_name(region_name(row->space, region_of(row->space, row->data)));
}

/* By enum answer; what is unknown has no word. */
static const char *const sizes[] = { "small", "huge", NULL };
static const char *const users[] = { "private", "shared", NULL };
static const char *const writes[] = { "clean", "dirty", NULL };

static const struct column page_columns[] = {
	{ "START", CELL_ADDRESS, .takes_every = true, .key = "start", .field = FIELD(struct page_run, start),
	  .help = "first address" },
	{ "END", CELL_ADDRESS, .yields = 8, .takes_every = true, .key = "end",
	  .field = FIELD(struct page_run, end), .help = "address after the last one" },
	{ "SIZE", CELL_SIZE, .yields = 3, .key = "size", .get = get_size, .help = "bytes from START to END" },
	{ "PAGES", CELL_NUMBER, .yields = 9, .get = get_pages, .help = "the same in pages" },
	{ "STATE", CELL_WORD, .key = "state", .field = FIELD(struct page_run, state),
	  .words = page_state_names,
	  .help = "untouched, resident, zero (read, never written), swapped, or guard; - for shared memory that may be swapped" },
	{ "PAGE", CELL_ANSWER, .yields = 7, .key = "huge", .field = FIELD(struct page_run, is_huge),
	  .words = sizes, .help = "small, or huge" },
	{ "USERS", CELL_ANSWER, .yields = 4, .key = "shared", .field = FIELD(struct page_run, is_shared),
	  .words = users, .help = "private, or shared with other processes" },
	{ "WRITTEN", CELL_ANSWER, .key = "dirty", .field = FIELD(struct page_run, is_dirty), .words = writes,
	  .help = "clean, or dirty" },
	{ "KIND", CELL_WORD, .yields = 6, .get = get_kind, .help = "of the region that they belong to" },
	{ "NAME", CELL_NAME, .yields = 5, .shrinks = true, .get = get_name, .help = "of that region" },
	TARGET_COLUMNS,
	{ 0 },
};

const struct record page_record = { page_columns, "start,end,size,state,huge,shared,dirty" };

static void collect(const struct view *view, struct rows *rows)
{
	const struct answers *answers = &view_space(view)->answers;

	rows_set(rows, answers->page_runs, sizeof(*answers->page_runs), answers->n_page_runs, NULL);
	rows->is_unknown = answers->pages_missing;
}

#define VIEW_OF_PAGES                                                                            \
	.option = "--pages", .columns = page_columns,                                            \
	.usual = "START,END,SIZE,PAGES,STATE,PAGE,USERS,WRITTEN,KIND,NAME", .identity = "START", \
	.needs = NEED_PAGES, .is_expensive = true, .collect = collect, .record = &page_record,   \
	.array = "pages", .json_parts = JSON_ALL

/* The picture that --layout draws. */
static const struct view_info view_page_grid = {
	VIEW_OF_PAGES,
	.put_picture = render_page_grid,
	.as_table = &view_pages,
};

const struct view_info view_pages = { VIEW_OF_PAGES, .as_picture = &view_page_grid };
