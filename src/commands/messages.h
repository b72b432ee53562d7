/* SPDX-License-Identifier: MIT */
/*
 * Lines on standard error: what could not be shown, and why, and notes on what was.
 */
#pragma once

#include "commands/show.h"

/* One line on standard error; whatever went into it, it is harmless. `pid`: 0 where `target` says enough. */
void complain(const char *target, int pid, const char *text);

/* That what has been written did not reach standard output. `error`: an errno. */
void complain_unwritten(int error);

/* That --all, of this user and cgroup (ANY_USER, NULL: of any), has found no process. An answer, and no failure. */
void report_no_process(uint64_t uid, const char *cgroup);

/* What to name after "root may read all" where many may not be read: "" where --user was given. */
const char *hint_at_user(const struct run *run);

/* The PID, where the operand does not say which process it is; or 0. */
int pid_to_print(const struct target *target);

/* The notes of a target that was shown. */
void print_all_notes(struct run *run, const char *operand, const struct target *target,
		     const struct space *space);

/*
 * That a target could not be shown: `code` is a negative errno. Of refused ones the last is kept for
 * report_refused().
 */
void report_failure(struct run *run, const char *operand, const struct target *target, int code,
		    const struct error *err);

/* Of `n` targets of an operand, those that may not be read: the reason where it is one, else how many. */
void report_refused(struct run *run, const char *operand, size_t n);

/* That no region is left by filters: no failure, but who has mistyped a name would not know. */
void report_nothing_left(const struct run *run, const char *operand);
