/* SPDX-License-Identifier: MIT */
/*
 * From what the user typed to processes: a PID, or all processes of a name.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

struct target {
	int pid;
	bool is_found; /* by name: if it has ended by now, nobody misses it */
};

/* A user's number from a name or a number. 0, or -ENOENT. */
int select_user(const char *user, uint64_t *ret, struct error *err);

/*
 * The processes that `operand` means; of those called by name, only the ones of user `uid`
 * (or ANY_USER). The caller frees *ret. 0; -ESRCH: none; or another negative errno.
 */
int select_targets(const char *operand, const char *procfs, uint64_t uid, struct target **ret, size_t *ret_n,
		   struct error *err);
