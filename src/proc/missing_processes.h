/* SPDX-License-Identifier: MIT */
/*
 * Of many processes, those that could not be read.
 */
#pragma once

#include <stddef.h>

#include "model/notes.h"

struct missing_processes {
	size_t n_all;	  /* those that there are */
	size_t n_refused; /* for lack of rights */
	size_t n_silent;  /* that did not answer in time */
	size_t n_unread;  /* for another reason */
};

/*
 * Counts one that was not read: `code` is why, a negative errno. Those that have ended, or have no memory,
 * are not missing.
 */
void count_missing_process(struct missing_processes *missing, int code);

/* A note for each sort of them. `hint`: what would help those without rights, after "root may read all". */
void note_missing_processes(const struct missing_processes *missing, const char *hint, struct notes *notes);
