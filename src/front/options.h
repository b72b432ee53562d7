/* SPDX-License-Identifier: MIT */
/*
 * The command line, parsed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "analysis/memory_tree.h"
#include "base/error.h"
#include "base/out.h"
#include "model/process_row.h"
#include "views/views.h"

enum colour_mode { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

enum action {
	ACTION_SHOW,
	ACTION_HELP,
	ACTION_HELP_COLUMNS, /* of all views */
	ACTION_HELP_KINDS,
	ACTION_HELP_CHECKS,
	ACTION_VERSION,
	ACTION_LIST_COLUMNS,
};

/* Which of its lists of columns a view shows. */
enum width { WIDTH_USUAL, WIDTH_EXTENDED, WIDTH_EVERY_COUNTER };

struct options {
	enum action action;
	bool all; /* processes */
	enum grouping group;
	const char *cgroup; /* fnmatch(3) pattern for the cgroup path of a process, or NULL */
	bool openmetrics;
	bool folded, svg;
	const char *output_file; /* the file to replace; NULL: standard output */
	bool explained, json, bytes, raw, no_headings, no_truncate;
	enum colour_mode colour;
	const char *procfs;  /* the proc root */
	const char *sysroot; /* the directory with the files of a core file, or NULL */
	const char *user;    /* name or number, or NULL */
	const struct view_info *view;
	struct view_spec spec; /* what the view shows, and in which order */
	const struct column **columns;
	size_t n_columns, cap_columns;
	size_t n_yielding;    /* how many of the first columns may be dropped to fit a terminal */
	const char **queries; /* of --at */
	size_t n_queries, cap_queries;
	bool wants_debuginfod;
	bool stops;	    /* stop all threads while memory is read */
	int32_t frames_tid; /* NO_TID: the target itself */
	uint64_t checks;    /* of --check: bits 1 << CHECK_… */
	bool chooses_severity, sarif;
	bool watches;
	uint64_t interval;     /* between two rounds, in milliseconds */
	uint64_t n_rounds;     /* 0: no limit */
	uint64_t growth;       /* of resident memory, in bytes, that triggers a snapshot */
	const char *save_path; /* the file for the snapshot, or NULL */
	const char **targets;  /* NULL-terminated; each is borrowed from argv */

	/* As given, until the view is known. */
	enum width width;
	const char **lists; /* of columns */
	size_t n_lists, cap_lists;
	bool has_own_columns, wants_all_columns;
	const char *sort;
	const char **pids;
	size_t n_pids, cap_pids;
};

/* 0, or -EINVAL (-ENOTSUP: not in this build) with one line on what is wrong. */
int options_parse(struct options *options, int argc, char **argv, struct error *err);
void options_done(struct options *options);

/* Whether all columns, or all counters, are shown: far more than fit into a terminal. */
bool options_has_every_column(const struct options *options);

/* Whether a picture is wanted: --folded or --svg. */
static inline bool options_draw(const struct options *options)
{
	return options->folded || options->svg;
}

/* What the bytes of a picture are: the counter that --output names (default: RSS), or MEASURE_SIZE. */
enum counter options_measure(const struct options *options);

/* What must be read to show what was asked for. Borrows from `options`. */
struct request options_request(const struct options *options);

/* Options that save all there is to know about a process. They borrow from `options`; call options_done(). */
void options_for_snapshot(const struct options *options, struct options *ret);

void options_print_help(FILE *file);

/* Print lists in lines of that width; 0: one line per entry, as the completions read them. */
void options_print_kinds(struct out *out, size_t width);
void options_print_checks(struct out *out, size_t width);
/* The columns of each view, below its name. */
void options_print_all_columns(struct out *out, size_t width);
/* The columns of the view that was chosen. */
void options_print_columns(const struct options *options, struct out *out, size_t width);
