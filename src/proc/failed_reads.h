/* SPDX-License-Identifier: MIT */
/*
 * Reads that failed although nothing forbids them. Code that reads a file whose absence would go
 * unnoticed reports the failure here, and all failures together become one note.
 */
#pragma once

#include "model/notes.h"
#include "proc/process.h"

/*
 * Reports that reading `what`, a name for people, ended with `code`, a negative errno. Ordinary
 * errors are ignored: the file is not there, or no longer; this kernel does not have it; the caller
 * lacks permission to read a file that is not public.
 */
void proc_report(struct proc *proc, const char *what, int code);

/* Reads a whole file below a directory, like proc_read_file(). NULL if that fails, which is reported. */
char *proc_read(struct proc *proc, int dir_fd, const char *name, size_t *ret_len);

/* The number at the start of such a file, in `base`; UNKNOWN if it is not available. */
uint64_t proc_read_number(struct proc *proc, int dir_fd, const char *name, int base);

/* Adds a note about the reported failures, if there are any. */
void proc_note_unread(const struct proc *proc, struct notes *notes);
