/* SPDX-License-Identifier: MIT */
/*
 * Keeps track of the processes, among many, that could not be read.
 */
#pragma once

#include <stddef.h>

#include "model/notes.h"

#define MISSING_NAMED 3

/* Processes that are missing for the same reason. */
struct missing {
	size_t n;
	int pids[MISSING_NAMED]; /* the lowest of them */
};

struct missing_processes {
	size_t n_all;		/* all that have memory, once everything is counted */
	struct missing refused; /* permission denied */
	struct missing silent;	/* no answer in time */
	struct missing unread;	/* any other reason */
};

/* Counts a process as missing for the reason of `missing`. */
void missing_add(struct missing *missing, int pid);

/*
 * Counts a process that was not read; `code`, a negative errno, says why. A process that has ended,
 * or has no memory, is not missing: it is taken off n_all.
 */
void count_missing_process(struct missing_processes *missing, int pid, int code);

/*
 * "2 of 9 processes may not be read (PIDs 1, 20)", and what would help: being root, and `hint`,
 * which may be empty. The caller frees the text.
 */
char *describe_refused(const struct missing *refused, size_t n_all, const char *hint);

/* Adds a note for each reason. `hint`: as above. */
void note_missing_processes(const struct missing_processes *missing, const char *hint, struct notes *notes);

/* Whether a note is one of these: with several targets, it is the same for all. */
bool is_note_of_missing(const struct note *note);
