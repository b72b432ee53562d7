/* SPDX-License-Identifier: MIT */
/*
 * Lists the processes there are. libproc2 does it for /proc; it is loaded when it is first
 * needed, since it would double the start-up time of every run, and most runs name a PID.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define ANY_USER UINT64_MAX

/*
 * The numbers of all processes below the proc root `root`, or of those whose effective user is
 * `uid`, ascending; the caller frees *ret. 0 or a negative errno.
 */
int proclist(const char *root, uint64_t uid, int **ret, size_t *ret_n, struct error *err);
