/* SPDX-License-Identifier: MIT */
/*
 * Runs the stages in order for each target: select, read, judge, print. Errors from below are
 * printed here, one line each, and nowhere else.
 */
#pragma once

#include "base/json.h"
#include "base/out.h"
#include "base/progress.h"
#include "commands/read_target.h"
#include "front/options.h"
#include "front/targets.h"
#include "model/finding.h"
#include "model/request.h"
#include "model/space.h"
#include "output/table.h"
#include "proc/missing_processes.h"

struct run {
	struct options options;
	struct request request;
	struct table_style style;
	struct out out;
	struct json json;
	struct progress progress;
	int ms_left;	   /* for processes that make us wait: patience.run_ms_left */
	size_t n_shown;	   /* targets */
	size_t n_printed;  /* of these, those whose table was printed */
	size_t n_reported; /* targets that were shown or reported as failed */
	size_t n_findings[N_SEVERITIES];
	struct notes said; /* on other processes that could not be read, printed once for all targets */
	/* Of the current operand: */
	size_t n_regions;      /* that match the selection, in all its targets */
	struct missing denied; /* targets found by name or --all that may not be read */
	struct target refused; /* the last of them */
	struct error refusal;  /* why it may not be read */
	bool has_failed, is_partial;
	bool has_findings; /* that count for the exit status */
};

/*
 * Shows all targets, and sets in `run` what failed. `uid`: the user whose processes names and --all
 * select, or ANY_USER.
 */
void show_all(struct run *run, uint64_t uid);

/* ---- for the files of commands/ ---- */

/* The descriptor that progress may be shown on, or -1. */
int progress_terminal(const struct run *run);

/*
 * How to read targets, from the options. Borrows from the run; call progress_end() before printing
 * anything.
 */
struct read_settings run_settings(struct run *run);

/*
 * The only target of an operand, to be freed by targets_free(). NULL if there is none, or more than
 * one; then the error has been printed. `option`: the option that takes only one target, for that
 * message.
 */
struct target *select_one(struct run *run, const char *operand, uint64_t uid, const char *option);

/* The layout of a table, from the options and the style. Borrows from the run. */
struct layout run_layout(const struct run *run);

/*
 * Prints one space, or several as one view, as the options say. If `target` is one of many, an
 * empty table is skipped.
 */
void show_spaces(struct run *run, const struct target *target, const struct space *const *spaces,
		 size_t n_spaces);

/* Sets the style from the options and the terminal, whose size may have changed. */
void set_style(struct run *run);
