/* SPDX-License-Identifier: MIT */
/*
 * The views: each says what its rows are, what columns they have, and what must be read for it.
 * Options, reading, tables and JSON all rely on struct view_info. To add a view, write a file like
 * the others and declare it here.
 */
#pragma once

#include "base/json.h"
#include "base/out.h"
#include "output/table.h"
#include "views/column.h"
#include "views/view.h"

/* How a view is to be printed. */
struct layout {
	const struct column *const *columns;
	size_t n_columns;
	size_t n_yielding;    /* as in struct table */
	const uint8_t *marks; /* likewise */
	const struct table_style *style;
};

struct view_info {
	const char *option;	      /* that selects it, as messages name it; NULL: there is none */
	const struct column *columns; /* all of them; the last one is { 0 } */
	/* Lists of columns: by default, with -x and with -X; NULL if the view does not take these. */
	const char *usual, *extended, *every;
	const char *contents; /* likewise: what --contents adds */
	const char *pictured; /* default column of --svg and --folded; NULL: the view does not take these */
	const char *sort;     /* default for --sort; NULL: as collected */
	unsigned needs;	      /* NEED_* in addition to those of the columns shown */
	uint64_t counters;    /* COUNTER_BIT()s, likewise */
	bool not_regions;     /* rows are neither regions nor made of them: filters cannot apply */
	bool lists_processes; /* rows are processes or groups of them: see views/processes.h */
	bool is_expensive;    /* refuses a whole process: --range or --kind must narrow it */
	/* Columns that identify a row from one reading to the next; NULL: rows are regions. */
	const char *identity;
	unsigned n_targets;	/* shown together in one view; 0: each target has its own */
	bool is_record;		/* for people, one cell per line */
	bool may_stop;		/* takes --stop: only a stopped process shows one consistent moment */
	bool skips_empty;	/* of several processes, those without rows are skipped */
	bool rows_are_findings; /* there should be none: the exit status says if there are any */
	bool has_symbols;	/* takes --demangle and --debuginfod */

	void (*collect)(const struct view *view, struct rows *rows); /* as in struct view_spec */
	/* A sentence on a row, which the caller frees; NULL: there is none. */
	char *(*explanation)(const struct row *row);
	/* What follows the rows in a table for people; may be NULL. */
	void (*put_footer)(struct out *out, const struct view *view, const struct layout *layout);

	/* For people, in place of the table; NULL: there is only the table. */
	void (*put_picture)(struct out *out, const struct view *view, const struct layout *layout);
	const struct view_info *as_table;   /* of a picture: the view as a table */
	const struct view_info *as_picture; /* of a table: the view with --layout; NULL: none */
	const struct view_info *as_changes; /* the view with --diff; NULL: it does not take that */

	const struct record *record; /* the JSON object of a row */
	/* In JSON: its parts (JSON_*), and the key of its own array of rows, or NULL. */
	unsigned json_parts;
	const char *array;
	/* Writes what else the view has in JSON; may be NULL. */
	void (*put_json)(struct json *json, const struct view *view);
	/*
	 * Collects the rows for the JSON of other views, where filters do not apply to them; NULL:
	 * collect() does.
	 */
	void (*collect_all)(const struct view *view, struct rows *rows);
};

extern const struct view_info view_at;
extern const struct view_info view_findings;
extern const struct view_info view_frames;
extern const struct view_info view_regions;
extern const struct view_info view_summary;
extern const struct view_info view_modules;
extern const struct view_info view_sections; /* in views/regions.c */
extern const struct view_info view_heap;
extern const struct view_info view_blocks;
extern const struct view_info view_shared;
extern const struct view_info view_layout;
extern const struct view_info view_leaks;
extern const struct view_info view_threads;
extern const struct view_info view_pages;
extern const struct view_info view_changes; /* from the old space, spaces[1], to the new one, spaces[0] */
extern const struct view_info view_block_changes; /* likewise */
extern const struct view_info view_heap_changes;  /* likewise */

/* JSON objects that are parts of others: of struct region, page_run, process and limit. */
extern const struct record region_record, page_record, process_record, limit_record;
