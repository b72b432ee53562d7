/* SPDX-License-Identifier: MIT */
/*
 * The command line. One table of options feeds getopt, --help and, through tests, the man page
 * and the completions.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "column.h"
#include "error.h"
#include "view.h"

enum colour_mode { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

enum view_mode { VIEW_REGIONS, VIEW_SUMMARY, VIEW_PAGES, VIEW_THREADS };

enum action { ACTION_SHOW, ACTION_HELP, ACTION_VERSION, ACTION_LIST_COLUMNS };

struct options {
	enum action action;
	bool explained, json, bytes, raw, no_headings, no_truncate;
	enum view_mode mode;
	enum colour_mode colour;
	const char *procfs; /* the proc root */
	const char *user;   /* name or number, or NULL */
	const char *base;   /* a list of columns: what is shown by itself, with -x or with -X */
	const struct column **columns;
	size_t n_columns, cap_columns;
	bool has_base; /* the columns are those of `base`, and more */
	struct view_spec view;
	char **targets; /* NULL-terminated, borrowed from argv */
};

/* 0, or -EINVAL with one line on what is wrong. */
int options_parse(struct options *options, int argc, char **argv, struct error *err);
void options_done(struct options *options);

/* What the columns, and the one to sort by, need: NEED_* and FIGURE_BIT()s. */
unsigned options_needs(const struct options *options);
uint64_t options_figures(const struct options *options);

void options_print_help(FILE *file);
void options_print_columns(FILE *file);
