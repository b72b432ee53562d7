/* SPDX-License-Identifier: MIT */
/*
 * What could not be read of a process, though nothing forbids it: whoever reads a file whose absence would not
 * be seen reports it here, and all of them become one note.
 */
#pragma once

#include "model/notes.h"
#include "proc/process.h"

/*
 * Reports that reading `what`, for people, ended with `code`, a negative errno. Plain answers are passed over: it
 * is not there, or no longer; this kernel has no such thing; the caller may not see what not everybody may.
 */
void proc_report(struct proc *proc, const char *what, int code);

/* A whole file below a directory, as of proc_read_file(); NULL where it could not be read, which is reported. */
char *proc_read(struct proc *proc, int dir_fd, const char *name, size_t *ret_len);

/* The number that such a file begins with, in `base`; UNKNOWN where it is not available. */
uint64_t proc_read_number(struct proc *proc, int dir_fd, const char *name, int base);

/* Notes what was reported, if anything was. */
void proc_note_unread(const struct proc *proc, struct notes *notes);
