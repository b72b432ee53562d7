/* SPDX-License-Identifier: MIT */
/*
 * Messages on standard error: what could not be shown and why, and notes on what was shown.
 */
#pragma once

#include "commands/show.h"

/* Prints one line on standard error, and escapes both texts. `pid`: 0 if `target` identifies the process. */
void complain(const char *target, int pid, const char *text);

/* Reports that the output could not be written. `error`: an errno. */
void complain_unwritten(int error);

/* Reports that --all found no process of this user and cgroup (ANY_USER, NULL: any). This is no failure. */
void report_no_process(uint64_t uid, const char *cgroup);

/*
 * Reports that an operand (or "--all") could not be turned into all of its targets: `code` is a
 * negative errno, `n` how many there are.
 */
void report_selection(struct run *run, const char *operand, size_t n, int code, const struct error *err);

/* The hint that follows "root may read all" if many processes may not be read; "" if --user was given. */
const char *hint_at_user(const struct run *run);

/* The PID if the operand does not identify the process; otherwise 0. */
int pid_to_print(const struct target *target);

/* Prints the notes of a target that was shown. */
void print_all_notes(struct run *run, const char *operand, const struct target *target,
		     const struct space *space);

/*
 * Reports that a target could not be shown: `code` is a negative errno. If access to a process
 * found by name or by --all was refused, report_refused() prints it later.
 */
void report_failure(struct run *run, const char *operand, const struct target *target, int code,
		    const struct error *err);

/* Reports which of the `n` targets of an operand may not be read: one with its reason, several as a count. */
void report_refused(struct run *run, const char *operand, size_t n);

/* Reports that filters leave no region. This is no failure, but it reveals a mistyped name. */
void report_nothing_left(const struct run *run, const char *operand);
