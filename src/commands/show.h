/* SPDX-License-Identifier: MIT */
/*
 * Runs the stages in order, target by target: select, read, judge, print. Everything that fails below
 * is printed here, in one line, and nowhere else.
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
	size_t n_shown;	   /* targets, */
	size_t n_printed;  /* and those of them that are tables with something in them */
	size_t n_reported; /* targets that were shown or reported as failed */
	size_t n_findings[N_SEVERITIES];
	struct notes said; /* of other processes that could not be read: they are the same for all targets */
	/* Of the operand that is being shown: */
	size_t n_regions;      /* that fit the selection, in all its targets */
	struct missing denied; /* targets found by name that may not be read, */
	struct target refused; /* the last one of them, */
	struct error refusal;  /* and why */
	bool has_failed, is_partial;
	bool has_findings; /* that are bad enough for an exit status of their own */
};

/* Shows all targets. `uid`: whose processes a name stands for, or ANY_USER. What failed is in `run` then. */
void show_all(struct run *run, uint64_t uid);

/* ---- for the files of commands/ ---- */

/* Where progress may be shown: a descriptor, or -1. */
int progress_terminal(const struct run *run);

/* How targets are read, by the options. It borrows from the run; progress_end() before anything is printed. */
struct read_settings run_settings(struct run *run);

/*
 * The one target of an operand of `option`, to be freed by targets_free(); NULL: there is none, or there are several,
 * and that has been printed.
 */
struct target *select_one(struct run *run, const char *operand, uint64_t uid, const char *option);

/* How a table is laid out, by the options and the style. It borrows from the run. */
struct layout run_layout(const struct run *run);

/* As a table or in JSON: of one target, or what several are together, the first of which is `target`. */
void show_spaces(struct run *run, const struct target *target, const struct space *const *spaces,
		 size_t n_spaces);

/* As the options and the terminal, which may have changed, have it. */
void set_style(struct run *run);
