/* SPDX-License-Identifier: MIT */
/*
 * Runs the stages in order for each target: select, read, judge, print. Errors from below are
 * printed here, one line each, and nowhere else.
 */
#pragma once

#include "base/json.h"
#include "base/new_file.h"
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

/* How far a run has come; another thread may have to go on there (commands/read_guarded.h). */
struct place {
	const char *const *operands; /* those that are left, NULL-terminated */
	const char *operand;	     /* the current one, or "--all" */
	struct target *targets;	     /* its targets */
	size_t n, next;		     /* how many, and the next one to show */
	const struct target *target; /* the one before, which is being shown */
	/* The counters of the run before the operand: */
	size_t n_shown, n_printed, n_reported;
};

struct run {
	struct options options;
	uint64_t uid; /* the user whose processes names and --all select, or ANY_USER */
	struct request request;
	struct table_style style;
	struct new_file file;
	struct out out;
	struct json json;
	struct progress progress;
	int ms_left;	   /* for processes that make us wait: patience.run_ms_left */
	size_t n_shown;	   /* targets */
	size_t n_printed;  /* of these, those whose table was printed */
	size_t n_reported; /* targets that were shown or reported as failed */
	size_t n_findings[N_SEVERITIES];
	struct notes said; /* on other processes that could not be read, printed once for all targets */
	struct place place;
	/* Of the current operand: */
	size_t n_regions;      /* that match the selection, in all its targets */
	struct missing denied; /* targets found by name or --all that may not be read */
	struct target refused; /* the last of them */
	struct error refusal;  /* why it may not be read */
	bool has_failed, is_partial;
	bool has_findings; /* that count for the exit status */
};

enum status { STATUS_OK = 0, STATUS_FAILED = 1, STATUS_USAGE = 2, STATUS_PARTIAL = 3, STATUS_FOUND = 4 };

/* Shows all targets that the options name. */
enum status show_all(struct run *run);

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
struct target *select_one(struct run *run, const char *operand, const char *option);

/* The layout of a table, from the options and the style. Borrows from the run. */
struct layout run_layout(const struct run *run);

/*
 * Prints one space, or several as one view, as the options say. If `target` is one of many, an
 * empty table is skipped.
 */
void show_spaces(struct run *run, const struct target *target, const struct space *const *spaces,
		 size_t n_spaces);

/* Finishes the output and ends the program, in place of a thread that was given up. */
void __attribute__((noreturn)) end_run(struct run *run);

/* Sets the style from the options and the terminal, whose size may have changed. */
void set_style(struct run *run);
