/* SPDX-License-Identifier: MIT */
/*
 * Turns what the user typed into targets: a process by its PID, all processes of a name, a file, or
 * standard input.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/facts.h"

struct target {
	enum origin source;
	int pid;	  /* of ORIGIN_PROCESS */
	bool is_found;	  /* by name or with --all: it is no error if it has ended since */
	bool is_listed;	  /* one of several that one operand names */
	const char *path; /* of a file, borrowed from the operand */
	int fd;		  /* open for reading, or -1 */
	bool is_text;	  /* a snapshot, or the text of a memory map; then `source` has no meaning */
};

/* A user's number from a name or a number. 0; -ENOENT: no such user; or another negative errno. */
int select_user(const char *user, uint64_t *ret, struct error *err);

/*
 * Finds the targets that `operand` stands for; with a process name, only those of user `uid` (or ANY_USER).
 * The caller frees *ret with targets_free(). 0; -ESRCH: no such process; -ETIMEDOUT: some processes did not
 * answer in time; or another negative errno: there may be more targets than those in *ret.
 */
int select_targets(const char *operand, const char *procfs, uint64_t uid, struct target **ret, size_t *ret_n,
		   struct error *err);

/* Likewise, all processes of user `uid` (or ANY_USER) except memmap itself. */
int select_all_processes(const char *procfs, uint64_t uid, struct target **ret, size_t *ret_n,
			 struct error *err);

/* Whether it is a process, and not a file of any sort. */
static inline bool target_is_process(const struct target *target)
{
	return !target->is_text && target->source == ORIGIN_PROCESS;
}

/* Closes what the targets have open, and frees them. */
void targets_free(struct target *targets, size_t n);
