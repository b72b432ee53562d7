/* SPDX-License-Identifier: MIT */
/*
 * The views: each says what its rows are, what columns they have, and what must be read for
 * it. Options, reading, tables and JSON all go by this table. To add a view, write a file
 * like the others and name it here.
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
	const char *option;	      /* that asks for it, as messages call it; NULL: none does */
	const struct column *columns; /* all that it has; the last one is { 0 } */
	/* Lists of columns: by itself, with -x and with -X; NULL where these do not go with it. */
	const char *usual, *extended, *every;
	const char *contents; /* likewise, with --contents: those that are shown as well */
	const char *pictured; /* the column that a picture is of, if no other is named; NULL: none is drawn */
	const char *sort;     /* as --sort takes it, where that is not given; NULL: as collected */
	unsigned needs;	      /* NEED_* beside those of the columns that are shown */
	uint64_t counters;    /* COUNTER_BIT()s, likewise */
	bool not_regions;     /* rows are no regions, nor made of them: narrowing cannot apply */
	bool lists_processes; /* rows are processes or groups of them: see views/processes.h */
	bool is_expensive;    /* only a part of the process may be asked for */
	/* Columns that tell what a row is of, from one reading to the next; NULL: rows are regions. */
	const char *identity;
	unsigned n_targets;	/* that it is of together; 0: each is shown by itself */
	bool is_record;		/* for people, a cell a line */
	bool may_stop;		/* what it shows is of one moment only where the process stands still */
	bool skips_empty;	/* of several processes, those without a row are passed over */
	bool rows_are_findings; /* of which there should be none: the exit status says so */
	bool has_symbols;	/* whose names may be demangled, and looked for on servers */

	void (*collect)(const struct view *view, struct rows *rows); /* as in struct view_spec */
	/* A sentence on a row, which the caller frees; NULL: there is none to say. */
	char *(*explanation)(const struct row *row);
	/* What follows the rows in a table for people; may be NULL. */
	void (*put_footer)(struct out *out, const struct view *view, const struct layout *layout);

	/* For people, in place of the table of rows; NULL: it is a table. */
	void (*put_picture)(struct out *out, const struct view *view, const struct layout *layout);
	const struct view_info *as_table;   /* the same without the picture, */
	const struct view_info *as_picture; /* and, of a table, what it is with --layout; NULL: it has none */
	const struct view_info *as_changes; /* what it is with --diff; NULL: it does not go with that */

	const struct record *record; /* what an object of JSON has of a row */
	/* In JSON: JSON_*, its own array of rows, or NULL; */
	unsigned json_parts;
	const char *array;
	/* what else it has there, or NULL; and what collects rows that other views have there as well, where
	 * narrowing does not apply to them; NULL: as for a table. */
	void (*put_json)(struct json *json, const struct view *view);
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
extern const struct view_info view_changes; /* of the old address space, spaces[1], and the new, spaces[0] */
extern const struct view_info view_block_changes; /* likewise */
extern const struct view_info view_heap_changes;  /* likewise */

/* What JSON has of rows that are parts of others: struct region, struct page_run, struct process, struct limit. */
extern const struct record region_record, page_record, process_record, limit_record;
