/* SPDX-License-Identifier: MIT */
/*
 * Of many processes, those that could not be read.
 */
#pragma once

#include <stddef.h>

#include "model/notes.h"

#define MISSING_NAMED 3

/* Processes that are missing for one reason. */
struct missing {
	size_t n;
	int pids[MISSING_NAMED]; /* the lowest of them */
};

struct missing_processes {
	size_t n_all;		/* those that have memory, in the end */
	struct missing refused; /* for lack of rights */
	struct missing silent;	/* that did not answer in time */
	struct missing unread;	/* for another reason */
};

/* Counts a process as missing for that reason. */
void missing_add(struct missing *missing, int pid);

/*
 * Counts one that was not read: `code` is why, a negative errno. One that has ended, or has no memory, is not
 * missing, but one fewer of all.
 */
void count_missing_process(struct missing_processes *missing, int pid, int code);

/*
 * "2 of 9 processes may not be read (PIDs 1, 20)", and what would help: to be root, and `hint`, which may be empty. The
 * caller frees it.
 */
char *describe_refused(const struct missing *refused, size_t n_all, const char *hint);

/* A note for each reason. `hint`: as above. */
void note_missing_processes(const struct missing_processes *missing, const char *hint, struct notes *notes);

/* Whether a note is one of these: of several targets, it is the same for all. */
bool is_note_of_missing(const struct note *note);
